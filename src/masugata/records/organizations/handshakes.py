"""Handshakes: what one account asks of another, and waits for an answer to."""

from datetime import datetime
from typing import Final, Protocol

import msgspec

from masugata.records.account import ACCOUNT, Account
from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind, R

OPEN_STATES: Final = frozenset({"REQUESTED", "OPEN"})
"""The states in which a handshake still waits for somebody."""


class HandshakeParty(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a handshake; `type` is ACCOUNT, ORGANIZATION or EMAIL."""

    id: str
    type: str


class HandshakeResource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a handshake is about; `type` is one of the model's HandshakeResourceType."""

    type: str
    value: str = ""
    resources: tuple["HandshakeResource", ...] = ()


class Handshake(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One handshake, kept in the management account of the organization that began it.

    `state` is what was stored; of what it is now see `state_at`. `account` is the account that is asked,
    and empty while only its `email` is known, which is in lower case. `ended` is when somebody answered or
    cancelled it. `tags` are those that the account will have once it joins.
    """

    version: int = 1
    id: str
    organization: str
    action: str
    state: str
    account: str = ""
    email: str = ""
    parent: str = ""
    requested: datetime
    expiration: datetime
    ended: datetime | None = None
    parties: tuple[HandshakeParty, ...] = ()
    resources: tuple[HandshakeResource, ...] = ()
    tags: tuple[Tag, ...] = ()

    def state_at(self, now: datetime) -> str:
        """The state at a time: an open one whose `expiration` is over is EXPIRED, whoever stored what."""
        return "EXPIRED" if self.state in OPEN_STATES and now >= self.expiration else self.state

    def is_open(self, now: datetime) -> bool:
        """Whether it still waits for somebody."""
        return self.state_at(now) in OPEN_STATES


HANDSHAKE = Kind(
    "organizations",
    "handshake",
    Handshake,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [
        ("account", r.account),
        ("email", r.email),
        ("parent", r.parent),
        ("action", r.action),
    ],
)


class _RecordsByName(Protocol):
    def by_name(self, kind: Kind[R], label: str, value: str, /) -> tuple[str, str, R] | None: ...


def account_with_email(records: _RecordsByName, email: str) -> Account | None:
    """The account whose root user has this e-mail address, in any case."""
    found = records.by_name(ACCOUNT, "email", email.lower())
    return None if found is None else found[2]


def recipient_of(records: _RecordsByName, handshake: Handshake) -> str:
    """The account that is asked; empty if nobody has the e-mail address."""
    if handshake.account:
        return handshake.account
    account = account_with_email(records, handshake.email)
    return "" if account is None else account.id
