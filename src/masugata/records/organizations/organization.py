"""Which organization an account is in, and who may act for it."""

from datetime import datetime
from typing import Protocol

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind, R
from masugata.records.organizations.members import MEMBER


class ResourcePolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The organization's resource-based policy, which delegates; `id` is `rp-…`."""

    id: str
    content: str
    tags: tuple[Tag, ...] = ()


class Organization(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One organization and its root, kept in its management account.

    With `all_features` false it is for consolidated billing only. `policy_types` are enabled in the root,
    `policies` are attached to it, by type: see `attached_policies`. `trusted_services` says since when a
    service principal has trusted access; `delegated_administrators` since when which members act for it.
    """

    version: int = 1
    id: str
    root_id: str
    management_account: str
    create_date: datetime
    all_features: bool = True
    policy_types: tuple[str, ...] = ()
    policies: dict[str, tuple[str, ...]] = {}
    tags: tuple[Tag, ...] = ()
    trusted_services: dict[str, datetime] = {}
    delegated_administrators: dict[str, dict[str, datetime]] = {}
    resource_policy: ResourcePolicy | None = None

    def trusts(self, service: str) -> bool:
        """Whether a service principal such as `iam.amazonaws.com` has trusted access."""
        return service in self.trusted_services

    def delegates(self, service: str, account: str) -> bool:
        """Whether a member account is the service's delegated administrator."""
        return account in self.delegated_administrators.get(service, ())

    def delegates_any(self, account: str) -> bool:
        """Whether a member account is the delegated administrator of any service."""
        return any(account in accounts for accounts in self.delegated_administrators.values())


ORGANIZATION = Kind(
    "organizations",
    "organization",
    Organization,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id), ("root", r.root_id)],
    references=lambda r: [("policy", policy) for policies in r.policies.values() for policy in policies],
)


class RecordsByName(Protocol):
    """What a look-up needs of a store's records."""

    def by_name(self, kind: Kind[R], label: str, value: str, /) -> tuple[str, str, R] | None:
        """Account, Region and record with this name, or None."""
        ...

    def get(self, kind: Kind[R], account: str, key: str, /) -> R | None:
        """The record with this key, or None."""
        ...


def organization_of(records: RecordsByName, account: str) -> Organization | None:
    """The organization that an account belongs to, as its management account or as a member."""
    found = records.by_name(MEMBER, "account", account)
    return None if found is None else records.get(ORGANIZATION, found[0], found[2].organization)
