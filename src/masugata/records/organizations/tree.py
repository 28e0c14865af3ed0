"""The tree of an organization: the root, organizational units below it, accounts at any level."""

from typing import Any, Protocol, TypeAlias

from masugata.errors import MasugataError
from masugata.records.kind import Kind
from masugata.records.organizations.members import MEMBER, Member
from masugata.records.organizations.organization import Organization
from masugata.records.organizations.units import ORGANIZATIONAL_UNIT, OrganizationalUnit

Target: TypeAlias = Organization | OrganizationalUnit | Member
"""Where policies are attached: the root (in the organization's record), a unit, or an account."""

_DEEPEST = 32  # far below what the quota on levels lets anybody build


class BrokenTreeError(MasugataError):
    """The records of a tree contradict each other, so nobody knows which policies bind."""


class _RecordsByKey(Protocol):
    def get(self, kind: Kind[Any], account: str, key: str, /) -> Any: ...


def target_id(target: Target) -> str:
    """The id by which the API calls it: `r-…`, `ou-…`, or 12 digits."""
    return target.root_id if isinstance(target, Organization) else target.id


def find_target(records: _RecordsByKey, organization: Organization, id_: str) -> Target | None:
    """The root, organizational unit or account with this id in an organization, or None."""
    if id_ == organization.root_id:
        return organization
    kind: Kind[Any] = ORGANIZATIONAL_UNIT if id_.startswith("ou-") else MEMBER
    found: OrganizationalUnit | Member | None = records.get(kind, organization.management_account, id_)
    return found


def levels(records: _RecordsByKey, organization: Organization, id_: str) -> tuple[Target, ...]:
    """The way from the root down to a target, both included; raises `BrokenTreeError`."""
    way: list[Target] = []
    while len(way) < _DEEPEST:
        target = find_target(records, organization, id_)
        if target is None:
            raise BrokenTreeError(f"`{id_}` is not in the organization {organization.id}")
        way.append(target)
        if isinstance(target, Organization):
            return tuple(reversed(way))
        id_ = target.parent
    raise BrokenTreeError(f"the organization {organization.id} has no way from `{id_}` to its root")


def path_of(organization: Organization, way: tuple[Target, ...]) -> str:
    """`o-…/r-…/ou-…/`, with a slash at the end, for the levels above an account or down to a unit.

    The form of `aws:PrincipalOrgPaths` and of Account.Paths' elements.
    """
    ids = [target_id(target) for target in way if not isinstance(target, Member)]
    return "/".join((organization.id, *ids, ""))
