"""Resources of accounts, as columns of a matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.accounts import AccountView
from masugata.authorization.policies import resource_policy_set, trust_policy_set
from masugata.authorization.reach.keys import conditions_of, is_key, with_its_policy
from masugata.authorization.reach.organizations import Bonds, bonds
from masugata.engines.policy import PolicySet, PolicyType
from masugata.engines.policy.matrix import Facts, Resource
from masugata.errors import MasugataError
from masugata.records.account import ACCOUNT
from masugata.records.iam import (
    GROUP,
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    ROLE,
    USER,
    ManagedPolicy,
    Role,
    iam_arn,
)
from masugata.records.kind import Kind

_KINDS: Mapping[str, Kind[Any]] = {
    "user": USER,
    "group": GROUP,
    "role": ROLE,
    "policy": MANAGED_POLICY,
    "instance-profile": INSTANCE_PROFILE,
}
_TAG_KEYS = ("aws:ResourceTag/", "iam:ResourceTag/")
_OWNER_KEYS = ("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths")


def resource(
    view: AccountView, arn: str, *, account: str | None = None, policy: PolicySet | None = None
) -> Resource:
    """A resource by its ARN, or `*`, below the RCPs of its account; of IAM's own tags and trust are known.

    An ARN that does not name its account, as a bucket's, belongs to `account`, or to the only account of the
    view. A KMS key without `policy` has its own. Raises `MasugataError` where nobody knows.
    """
    if arn == "*":
        return Resource(arn)
    try:
        parts = parse_arn(arn)
    except InvalidArnError:
        raise MasugataError(f"`{arn}` is not a resource: give an ARN, or *") from None
    owner = account or parts.account or (view.accounts[0] if len(view.accounts) == 1 else None)
    if owner is None:
        raise MasugataError(f"`{arn}` does not name its account: say it with --resource-account")
    if owner == "aws" and parts.service == "iam":
        bound, known = Bonds(), dict[str, str | Sequence[str]]()
        absent: tuple[str, ...] = _OWNER_KEYS
    else:
        bound = bonds(view, owner)
        known, absent = {"aws:ResourceAccount": owner, **bound.resource}, bound.no_resource
    record = _record(view, arn) if parts.service == "iam" else None
    if record is not None:
        tags = getattr(record, "tags", ())
        known |= {f"{key}{tag.key}": tag.value for tag in tags for key in _TAG_KEYS}
        # What AWS exports of a policy leaves out its tags.
        absent += () if isinstance(record, ManagedPolicy) and not tags else _TAG_KEYS
    if is_key(parts):
        of_key, not_of_key = conditions_of(view, arn)
        known, absent = {**known, **of_key}, (*absent, *not_of_key)
    facts = Facts(known, absent)
    if parts.service == "iam" and parts.resource.startswith("role/"):
        here = isinstance(record, Role) and is_active(view, owner)
        trust = trust_policy_set(arn, getattr(record, "trust_policy", "") if here else "")
        return Resource(arn, owner, trust, PolicyType.TRUST, facts, bound.rcp)
    thing = Resource(arn, owner, policy, facts=facts, rcp=bound.rcp)
    return with_its_policy(view, thing) if policy is None and is_key(parts) else thing


def delegated(view: AccountView, thing: Resource, owner: str, document: str) -> Resource:
    """The same as a resource of the account that must delegate what is asked, by this policy."""
    policy, facts = resource_policy_set(thing.arn, document), thing.facts
    if thing.arn == "*":
        facts = Facts({"aws:ResourceAccount": owner, **bonds(view, owner).resource})
    return replace(thing, account=owner, policy=policy, facts=facts)


def roles(view: AccountView) -> list[Resource]:
    """All roles of the accounts."""
    return entities(view, "role")


def entities(view: AccountView, kind: str) -> list[Resource]:
    """All users, groups, roles, policies or instance profiles of the accounts."""
    return [
        resource(view, iam_arn(account, kind, record, partition=partition_of(view, account)))
        for account in view.accounts
        for record in view.records.scan(_KINDS[kind], account)
    ]


def is_active(view: AccountView, account: str) -> bool:
    """Whether anybody may act in an account of the view, and assume its roles."""
    record = view.records.get(ACCOUNT, account, account)
    return record is not None and record.active


def partition_of(view: AccountView, account: str) -> str:
    """The partition of an account."""
    record = view.records.get(ACCOUNT, account, account)
    return record.partition if record else "aws"


def _record(view: AccountView, arn: str) -> Any:
    """The record of one of IAM's entities with exactly this ARN, or None."""
    parts = parse_arn(arn)
    type_, _, path = parts.resource.partition("/")
    kind = _KINDS.get(type_)
    if kind is None:
        return None
    record = view.records.get(kind, parts.account, path.rpartition("/")[2].lower())
    if record is None or iam_arn(parts.account, type_, record, partition=parts.partition) != arn:
        return None
    return record
