"""Centralized root access of an organization: which of its features are enabled."""

import msgspec

from masugata.records.kind import Kind


class RootAccess(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an organization has enabled; kept in its management account.

    `features` are RootCredentialsManagement and RootSessions, in alphabetical order.
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
