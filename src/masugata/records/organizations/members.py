"""The accounts of an organization, the management account included."""

from datetime import datetime
from typing import Literal

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account in an organization: `id` is the account's, `parent` the root's or an organizational unit's.

    `policies` are attached to it, by type: see `attached_policies`. Name, e-mail address and state are the
    account's own; `closed` is here too, so that those that are closed are found among all others.
    """

    version: int = 1
    id: str
    organization: str
    parent: str
    joined: datetime
    joined_method: Literal["CREATED", "INVITED"]
    policies: dict[str, tuple[str, ...]] = {}
    tags: tuple[Tag, ...] = ()
    closed: datetime | None = None


CLOSED = ("closed", "yes")
"""The reference that all members have whose accounts are closed, or being closed."""

MEMBER = Kind(
    "organizations",
    "member",
    Member,
    key=lambda r: r.id,
    names=lambda r: [("account", r.id)],
    references=lambda r: [
        ("parent", r.parent),
        *(("policy", policy) for policies in r.policies.values() for policy in policies),
        *([CLOSED] if r.closed is not None else ()),
    ],
)
