"""Centralized root access of an organization: which of its features are enabled."""

from typing import TYPE_CHECKING, Protocol

import msgspec

from masugata.records.kind import Kind, R

if TYPE_CHECKING:
    from masugata.records.organizations import Organization

IAM_PRINCIPAL = "iam.amazonaws.com"
"""The service principal that needs trusted access, and whose delegated administrators act as root."""
ROOT_CREDENTIALS_MANAGEMENT = "RootCredentialsManagement"
ROOT_SESSIONS = "RootSessions"


class RootAccess(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an organization has enabled; kept in its management account.

    `features` are RootCredentialsManagement and RootSessions, in alphabetical order. A new organization
    of the same accounts has another id, and nothing enabled.
    """

    version: int = 1
    organization_id: str
    features: tuple[str, ...] = ()


ROOT_ACCESS = Kind(
    "iam",
    "root-access",
    RootAccess,
    key=lambda r: r.organization_id,
    names=lambda _: (),
    references=lambda _: (),
)


class RecordsByKey(Protocol):
    """What a look-up needs of a store's records."""

    def get(self, kind: Kind[R], account: str, key: str, /) -> R | None:
        """The record with this key, or None."""
        ...


def root_features(records: RecordsByKey, organization: "Organization") -> tuple[str, ...]:
    """The features of centralized root access that an organization has enabled."""
    record = records.get(ROOT_ACCESS, organization.management_account, organization.id)
    return () if record is None else record.features
