"""Which organization an account is in, and who may act for it.

The Organizations service is not built: what asks about organizations asks here, so that only this file
knows how they are kept.
"""

from typing import Protocol

import msgspec

from masugata.records.kind import Kind, R


class Organization(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One organization, kept in its management account.

    `members` are the ids of all accounts but the management account; `trusted_services` the service
    principals with trusted access; `delegated_administrators` the members that may act for it, by
    service principal. With `all_features` false it is for consolidated billing only.
    """

    version: int = 1
    id: str
    management_account: str
    all_features: bool = True
    members: tuple[str, ...] = ()
    trusted_services: tuple[str, ...] = ()
    delegated_administrators: dict[str, tuple[str, ...]] = {}

    def trusts(self, service: str) -> bool:
        """Whether a service principal such as `iam.amazonaws.com` has trusted access."""
        return service in self.trusted_services

    def delegates(self, service: str, account: str) -> bool:
        """Whether a member account is the service's delegated administrator."""
        return account in self.members and account in self.delegated_administrators.get(service, ())


ORGANIZATION = Kind(
    "organizations",
    "organization",
    Organization,
    key=lambda r: r.id,
    names=lambda r: [("account", account) for account in dict.fromkeys((r.management_account, *r.members))],
    references=lambda _: (),
)


class RecordsByName(Protocol):
    """What a look-up needs of a store's records."""

    def by_name(self, kind: Kind[R], label: str, value: str, /) -> tuple[str, str, R] | None:
        """Account, Region and record with this name, or None."""
        ...


def organization_of(records: RecordsByName, account: str) -> Organization | None:
    """The organization that an account belongs to, as its management account or as a member."""
    found = records.by_name(ORGANIZATION, "account", account)
    return None if found is None else found[2]
