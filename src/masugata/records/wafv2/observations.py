"""What edges have seen: sampled requests, and the addresses that a rate-based rule holds back.

Edges note them beside the records, as last uses are noted, since nothing is decided by them: each worker
has a note of its own for each rule, and replaces it. Bodies are MessagePack.
"""

from datetime import datetime
from typing import Final, Generic, TypeVar
from urllib.parse import quote

import msgspec

MOST_SAMPLES: Final = 100
"""Samples in one note, the newest; a note is replaced every few seconds."""
MOST_ADDRESSES: Final = 10_000
_SAMPLES: Final = "wafv2/samples/"
_RATES: Final = "wafv2/rates/"


class SampledRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request that a rule matched, with what was done to it."""

    time: datetime
    client_ip: str
    country: str = ""
    method: str
    uri: str
    http_version: str
    headers: tuple[tuple[str, str], ...] = ()
    action: str
    weight: int = 1
    rule_within_group: str | None = None
    overridden: str | None = None
    response_code: int | None = None
    inserted_headers: tuple[tuple[str, str], ...] = ()
    labels: tuple[str, ...] = ()


class Samples(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one worker saw of one metric between two times: how many requests, and some of them."""

    since: datetime
    until: datetime
    population: int
    requests: tuple[SampledRequest, ...] = ()


class LimitedAddresses(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The addresses that a rate-based rule limits at a time."""

    time: datetime
    ipv4: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()


N = TypeVar("N", Samples, LimitedAddresses)


class Note(Generic[N]):
    """How one sort of notes is named and written."""

    __slots__ = ("_form", "_prefix")

    def __init__(self, prefix: str, form: type[N]) -> None:
        self._prefix = prefix
        self._form: type[N] = form

    def prefix(self, web_acl: str, *names: str) -> str:
        """What the keys of the notes on a web ACL, or on one of its metrics or rules, begin with.

        Names of metrics may have slashes.
        """
        return self._prefix + "/".join((web_acl, *(quote(name, safe="") for name in names))) + "/"

    def key(self, web_acl: str, *names: str, worker: str) -> str:
        """The key of a worker's note."""
        return self.prefix(web_acl, *names) + worker

    def encode(self, note: N) -> bytes:
        """The body of a note."""
        return msgspec.msgpack.encode(note)

    def decode(self, body: bytes) -> N:
        """The note in a body; raises msgspec.DecodeError."""
        found: N = msgspec.msgpack.decode(body, type=self._form)
        return found


SAMPLES: Final = Note(_SAMPLES, Samples)
"""By the ARN of the web ACL and the name of the metric."""
RATES: Final = Note(_RATES, LimitedAddresses)
"""By the ARN of the web ACL and the name of the rule, in a rule group after that of the group's rule."""
