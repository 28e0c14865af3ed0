"""The levels of an organization that bind a decision, by name: what explanations of it say."""

from collections.abc import Mapping

from masugata.engines.policy import PolicyType
from masugata.engines.policy.explain import LevelTarget
from masugata.records.account import ACCOUNT
from masugata.records.organizations import (
    BrokenTreeError,
    Organization,
    OrganizationalUnit,
    Target,
    levels,
    organization_of,
    target_id,
)
from masugata.store import Records

LevelTargets = Mapping[PolicyType, tuple[LevelTarget, ...]]
"""What the SCPs and RCPs of a decision are attached to, from the root down."""


def level_targets(caller: str, owner: str | None, records: Records) -> LevelTargets:
    """The levels above the caller's account, and above that which owns the resource (None: the caller's)."""
    own = _named(caller, records)
    its = own if owner in {None, caller} else _named(owner or caller, records)
    return {PolicyType.SCP: own, PolicyType.RCP: its}


def _named(account: str, records: Records) -> tuple[LevelTarget, ...]:
    organization = organization_of(records, account)
    if organization is None:
        return ()
    try:
        way = levels(records, organization, account)
    except BrokenTreeError:  # whoever decides says so
        return ()
    return tuple(LevelTarget(target_id(target), _name(target, records)) for target in way)


def _name(target: Target, records: Records) -> str:
    if isinstance(target, Organization):
        return "Root"
    if isinstance(target, OrganizationalUnit):
        return target.name
    account = records.get(ACCOUNT, target.id, target.id)
    return account.name if account is not None else ""
