"""Handshakes: what one account asks of another, and waits for an answer to."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


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

    `state` is what was stored; an open one whose `expiration` is over counts as EXPIRED. `account` is
    the account that is asked, and empty while only an e-mail address is known. `tags` are those that
    the account will have once it joins.
    """

    version: int = 1
    id: str
    organization: str
    action: str
    state: str
    account: str = ""
    parent: str = ""
    requested: datetime
    expiration: datetime
    parties: tuple[HandshakeParty, ...] = ()
    resources: tuple[HandshakeResource, ...] = ()
    tags: tuple[Tag, ...] = ()


HANDSHAKE = Kind(
    "organizations",
    "handshake",
    Handshake,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [("account", r.account), ("parent", r.parent), ("action", r.action)],
)
