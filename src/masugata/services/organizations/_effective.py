"""What the declarative policies of an organization add up to: for one account, and for all of them.

The accounts with something wrong are found by one walk down the tree, and remembered as long as no record
of any organization changes, so that the pages of a listing cost a look-up each.
"""

from collections.abc import Iterator
from typing import Any, Final

from masugata.engines.inheritance import EffectivePolicy, Inheritance, SourcePolicy
from masugata.records.kind import Kind
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    BrokenTreeError,
    Organization,
    Target,
    attached_policies,
    find_policy,
    levels,
    target_id,
)
from masugata.store import Records
from masugata.store.remembered import Remembered

_KINDS: Final[tuple[Kind[Any], ...]] = (MEMBER, ORGANIZATION, ORGANIZATION_POLICY, ORGANIZATIONAL_UNIT)


_remembered: Final = Remembered[tuple[str, str], tuple[str, ...]](_KINDS, limit=256)
"""The accounts with something wrong, by organization and type."""


def effective_of(
    records: Records, organization: Organization, account: str, policy_type: str
) -> EffectivePolicy | None:
    """The effective policy of an account, None where no policy of the type reaches it."""
    inherited, reached = Inheritance(policy_type), False
    for target in levels(records, organization, account):
        attached = _attached(records, organization, target, policy_type)
        inherited, reached = inherited.below(attached), reached or bool(attached)
    return inherited.effective() if reached else None


def invalid_accounts(records: Records, organization: Organization, policy_type: str) -> tuple[str, ...]:
    """The ids, in order, of the accounts whose effective policy has errors; raises `BrokenTreeError`."""
    remembered = _remembered.of(records)
    key = organization.id, policy_type
    found = remembered.get(key)
    if found is None:
        found = _remembered.keep(remembered, key, tuple(sorted(_walk(records, organization, policy_type))))
    return found


def _walk(records: Records, organization: Organization, policy_type: str) -> Iterator[str]:
    """Every target above an account once, with what it inherits; few of them are held at a time."""
    management = organization.management_account
    occupied = _occupied(records, organization)
    met = 0
    open_: list[tuple[Target, Inheritance]] = [(organization, Inheritance(policy_type))]
    while open_:
        target, above = open_.pop()
        here = above.below(_attached(records, organization, target, policy_type))
        wrong: dict[tuple[str, ...], bool] = {}
        for member in records.referring(MEMBER, management, "parent", target_id(target)):
            met += 1
            own = attached_policies(member, policy_type)
            if own not in wrong:
                wrong[own] = bool(here.below(_sources(records, organization, own)).errors())
            if wrong[own]:
                yield member.id
        units = records.referring(ORGANIZATIONAL_UNIT, management, "parent", target_id(target))
        open_ += [(unit, here) for unit in units if unit.id in occupied]
    if met != records.count(MEMBER, management):
        raise BrokenTreeError(f"not every account of the organization {organization.id} is in its tree")


def _occupied(records: Records, organization: Organization) -> set[str]:
    """The ids of what has an account below it: units without any may be many, and say nothing to anybody."""
    management = organization.management_account
    found: set[str] = set()
    for member in records.scan(MEMBER, management):
        place = member.parent
        while place not in found:
            found.add(place)
            unit = records.get(ORGANIZATIONAL_UNIT, management, place)
            if unit is None:  # the root, or nothing, which the walk notices
                break
            place = unit.parent
    return found


def _attached(
    records: Records, organization: Organization, target: Target, policy_type: str
) -> tuple[SourcePolicy, ...]:
    return _sources(records, organization, attached_policies(target, policy_type))


def _sources(
    records: Records, organization: Organization, policy_ids: tuple[str, ...]
) -> tuple[SourcePolicy, ...]:
    found: list[SourcePolicy] = []
    for policy_id in policy_ids:
        policy = find_policy(records, organization, policy_id)
        # Without its text nobody knows what a policy said: it is malformed, and named so.
        found.append(SourcePolicy(policy_id, "" if policy is None else policy.content))
    return tuple(found)
