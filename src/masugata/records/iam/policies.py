"""Customer managed policies."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a managed policy; `number` n is shown as `vn`."""

    number: int
    document: str
    create_date: datetime


class ManagedPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer managed policy with its versions, oldest first."""

    version: int = 1
    name: str
    path: str = "/"
    id: str
    description: str | None = None
    create_date: datetime
    update_date: datetime
    versions: tuple[PolicyVersion, ...]
    default_version: int
    latest_version: int
    tags: tuple[Tag, ...] = ()

    def document(self) -> str:
        """The document of the default version."""
        return next(v.document for v in self.versions if v.number == self.default_version)


MANAGED_POLICY = Kind(
    "iam",
    "policy",
    ManagedPolicy,
    key=lambda r: r.name.lower(),
    names=lambda r: [("id", r.id)],
    references=lambda _: (),
)
