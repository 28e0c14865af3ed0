"""The levels of an organization that bind a decision, by name: what explanations of it say."""

from collections.abc import Iterator, Mapping

from masugata.engines.policy import PolicyType
from masugata.engines.policy.explain import LevelTarget
from masugata.records.account import ACCOUNT
from masugata.records.organizations import (
    AUTHORIZATION_POLICY_TYPES,
    BrokenTreeError,
    Organization,
    OrganizationalUnit,
    Target,
    attached_policies,
    find_policy,
    levels,
    organization_of,
    policy_arn,
    target_id,
)
from masugata.store import Records

_TYPES = dict(zip(AUTHORIZATION_POLICY_TYPES, (PolicyType.SCP, PolicyType.RCP), strict=True))

LevelTargets = Mapping[PolicyType, tuple[LevelTarget, ...]]
"""What the SCPs and RCPs of a decision are attached to, from the root down."""


def level_targets(caller: str, owner: str | None, records: Records) -> LevelTargets:
    """The levels above the caller's account, and above that which owns the resource (None: the caller's)."""
    own = _named(caller, records)
    its = own if owner in {None, caller} else _named(owner or caller, records)
    return {PolicyType.SCP: own, PolicyType.RCP: its}


def control_policies(account: str, records: Records) -> Iterator[tuple[PolicyType, str, str]]:
    """Type, ARN and text of every SCP and RCP on the way from the root down to an account."""
    organization, way = _way(account, records)
    for target in way:
        for kind in AUTHORIZATION_POLICY_TYPES:
            for id_ in attached_policies(target, kind):
                policy = None if organization is None else find_policy(records, organization, id_)
                if organization is not None and policy is not None:
                    yield _TYPES[kind], policy_arn(organization, policy), policy.content


def _named(account: str, records: Records) -> tuple[LevelTarget, ...]:
    _, way = _way(account, records)
    return tuple(LevelTarget(target_id(target), _name(target, records)) for target in way)


def _way(account: str, records: Records) -> tuple[Organization | None, tuple[Target, ...]]:
    organization = organization_of(records, account)
    if organization is None:
        return None, ()
    try:
        return organization, levels(records, organization, account)
    except BrokenTreeError:  # whoever decides says so
        return organization, ()


def _name(target: Target, records: Records) -> str:
    if isinstance(target, Organization):
        return "Root"
    if isinstance(target, OrganizationalUnit):
        return target.name
    account = records.get(ACCOUNT, target.id, target.id)
    return account.name if account is not None else ""
