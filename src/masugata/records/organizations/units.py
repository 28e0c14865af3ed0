"""Organizational units."""

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class OrganizationalUnit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An organizational unit; `parent` is the root's id or another unit's.

    `policies` are attached to it, by type: see `attached_policies`.
    """

    version: int = 1
    id: str
    name: str
    parent: str
    policies: dict[str, tuple[str, ...]] = {}
    tags: tuple[Tag, ...] = ()


ORGANIZATIONAL_UNIT = Kind(
    "organizations",
    "organizational-unit",
    OrganizationalUnit,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id), ("name", f"{r.parent}/{r.name}")],
    references=lambda r: [
        ("parent", r.parent),
        *(("policy", policy) for policies in r.policies.values() for policy in policies),
    ],
)
