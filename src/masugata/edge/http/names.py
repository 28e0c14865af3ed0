"""Header names: which are sound, and which mean something to a proxy.

A name is looked at once and remembered as a `Name`; the tables are bounded, for strangers invent names.
"""

import re
from typing import Final, NamedTuple

from masugata.edge.http.defects import BadMessageError

PLAIN: Final = 0
"""Goes on as it is."""
DROPPED: Final = 1
"""Is between two neighbours only (RFC 9110, 7.6.1), or is set by us and nobody else."""
FORWARDED: Final = 2
"""Says what a proxy in front of us knows; dropped unless that proxy is trusted."""
HOST: Final = 3
CONTENT_LENGTH: Final = 4
TRANSFER_ENCODING: Final = 5
CONNECTION: Final = 6
UPGRADE: Final = 7
EXPECT: Final = 8
FORBIDDEN: Final = 9
"""Would be taken for a header that frames the message by programs that read `_` as `-`."""
VIA: Final = 10

LONGEST_NAME: Final = 256
_REMEMBERED: Final = 4096
_REMEMBERED_LENGTH: Final = 64
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# Beside RFC 9110's: `Proxy` becomes the variable HTTP_PROXY of a CGI program, and HTTP2-Settings belongs to an
# upgrade that is not passed on. Trailers are dropped, so nothing that announces them goes on either.
_DROPPED_FROM_REQUESTS = (
    b"keep-alive", b"proxy-connection", b"te", b"trailer", b"http2-settings", b"proxy", b"proxy-authorization",
    b"proxy-authenticate",
)  # fmt: skip
_FORWARDED = (
    b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port",
    b"x-forwarded-server", b"x-forwarded-prefix", b"x-real-ip",
)  # fmt: skip
_FRAMING = {
    b"host": HOST,
    b"content-length": CONTENT_LENGTH,
    b"transfer-encoding": TRANSFER_ENCODING,
    b"connection": CONNECTION,
    b"upgrade": UPGRADE,
    b"expect": EXPECT,
}
_REQUEST_ROLES = (
    {name: DROPPED for name in _DROPPED_FROM_REQUESTS}
    | {name: FORWARDED for name in _FORWARDED}
    | _FRAMING
    | {b"via": VIA}
)
_RESPONSE_ROLES = {
    name: DROPPED
    for name in (b"keep-alive", b"proxy-connection", b"trailer", b"te", b"proxy-authenticate")
} | {
    name: role
    for name, role in _FRAMING.items()
    if role in (CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE)
}
_INSERTED = b"x-amzn-waf-"

FRAMES: Final = frozenset(_FRAMING)
"""Names that `Connection` may not take away, for they say where the message ends or whom it is for."""


class Name(NamedTuple):
    """A sound header name: its role here, in lower case, and as a line begins with it."""

    role: int
    lower: bytes
    prefix: bytes


class Names(dict[bytes, Name]):
    """`Name`s by how they were written; a new one is learnt, or `BadMessageError` raised."""

    def __init__(self, *, requests: bool) -> None:
        super().__init__()
        self._requests = requests

    def __missing__(self, written: bytes) -> Name:
        if not _TOKEN.fullmatch(written) or len(written) > LONGEST_NAME:
            raise BadMessageError("a header name is not a token")
        lower = written.lower()
        name = Name(self._role(lower), lower, written + b": ")
        if len(self) < _REMEMBERED and len(written) <= _REMEMBERED_LENGTH:
            self[written] = name
        return name

    def _role(self, lower: bytes) -> int:
        if not self._requests:
            return _RESPONSE_ROLES.get(lower, PLAIN)
        dashed = lower.replace(b"_", b"-")
        if dashed.startswith(_INSERTED):
            return DROPPED
        role = _REQUEST_ROLES.get(dashed, PLAIN)
        if dashed == lower or role == PLAIN:
            return role
        return FORBIDDEN if dashed in FRAMES else DROPPED
