"""What an organization's policies bind an account to: every level from the root down to the account.

They are found once for each account and remembered as long as no record of any organization changes, so
that a move or an attachment binds the very next request, of any number of accounts, and other requests
cost a look-up.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
and .../orgs_manage_policies_rcps_evaluation.html
"""

from functools import lru_cache
from typing import Final, NamedTuple

from masugata.authorization import catalogue
from masugata.engines.policy import Policy, PolicySet, PolicyType, compile_policy
from masugata.engines.policy.grammar import MalformedPolicyError
from masugata.engines.policy.levels import levels as compiled_levels
from masugata.errors import AwsError
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
    BrokenTreeError,
    Organization,
    Target,
    attached_policies,
    find_policy,
    levels,
    path_of,
    policy_arn,
    target_id,
)
from masugata.store import Records
from masugata.store.remembered import Remembered

_TYPES: Final = {SERVICE_CONTROL_POLICY: PolicyType.SCP, RESOURCE_CONTROL_POLICY: PolicyType.RCP}


class Guardrails(NamedTuple):
    """What binds one account.

    `organization` is its id, `path` that of the account in it, as `aws:PrincipalOrgPaths` has it. `scp` and
    `rcp` have one set for each level from the root down, and are empty for the management account, for a
    type that is not enabled, and for an account that is in no organization.
    """

    organization: str = ""
    path: str = ""
    scp: tuple[PolicySet, ...] = ()
    rcp: tuple[PolicySet, ...] = ()


NO_GUARDRAILS: Final = Guardrails()
"""Of an account that is in no organization."""


GUARDRAIL_KINDS: Final = (MEMBER, ORGANIZATION, ORGANIZATION_POLICY, ORGANIZATIONAL_UNIT)
"""The records that guardrails follow from."""


_remembered: Remembered[str, Guardrails] = Remembered(GUARDRAIL_KINDS, limit=65_536)


def guardrails(account: str, records: Records) -> Guardrails:
    """What binds an account in this state; raises AccessDenied if the organization's records are broken."""
    known = _remembered.of(records)
    found = known.get(account)
    return _remembered.keep(known, account, _find(account, records)) if found is None else found


def guardrails_told(account: str, other: str, records: Records) -> Guardrails:
    """What binds `other`; raises what `guardrails` raises, but names no record to strangers.

    `account` is that of whoever is told why, empty for those that are of none.
    """
    try:
        return guardrails(other, records)
    except AwsError as error:
        members = [records.by_name(MEMBER, "account", one) for one in (account, other)]
        organizations = {None if member is None else member[2].organization for member in members}
        if len(organizations) == 1:
            raise
        raise _denied(other, "the records of its organization contradict each other") from error


def of_one_organization(account: str, other: str, records: Records) -> bool:
    """Whether both accounts are in the same organization; raises what `guardrails` raises."""
    organization = guardrails(account, records).organization
    return organization != "" and organization == guardrails(other, records).organization


def rcp_supported(action: str) -> bool:
    """Whether RCPs bind this action; those of a service that nobody knows are bound."""
    try:
        return catalogue.supports_resource_control_policies(action.partition(":")[0].lower())
    except KeyError:
        return True


def _find(account: str, records: Records) -> Guardrails:
    member = records.by_name(MEMBER, "account", account)
    if member is None:
        return NO_GUARDRAILS
    management, _, membership = member
    organization = records.get(ORGANIZATION, management, membership.organization)
    if organization is None:
        raise _denied(account, f"its organization {membership.organization} does not exist")
    try:
        way = levels(records, organization, account)
    except BrokenTreeError as error:
        raise _denied(account, str(error)) from error
    path = path_of(organization, way)
    if account == organization.management_account or not organization.all_features:
        return Guardrails(organization.id, path)
    return Guardrails(
        organization.id,
        path,
        _levels(SERVICE_CONTROL_POLICY, organization, way, records),
        _levels(RESOURCE_CONTROL_POLICY, organization, way, records),
    )


def _denied(account: str, why: str) -> AwsError:
    return AwsError("AccessDenied", f"The account {account} is denied everything: {why}.", 403)


def _levels(
    policy_type: str, organization: Organization, way: tuple[Target, ...], records: Records
) -> tuple[PolicySet, ...]:
    if policy_type not in organization.policy_types:
        return ()
    return compiled_levels(tuple(_level(policy_type, organization, target, records) for target in way)) or ()


def _level(policy_type: str, organization: Organization, target: Target, records: Records) -> PolicySet:
    """The policies on one target; without one of them nobody knows what it denied."""
    sources: list[tuple[str, str]] = []
    for policy_id in attached_policies(target, policy_type):
        policy = find_policy(records, organization, policy_id)
        if policy is None:
            raise AwsError(
                "AccessDenied",
                f"Everything below {target_id(target)} is denied: its policy {policy_id} does not exist.",
                403,
            )
        sources.append((policy_arn(organization, policy), policy.content))
    return _policy_set(_TYPES[policy_type], tuple(sources))


@lru_cache(maxsize=4096)
def _policy_set(kind: PolicyType, sources: tuple[tuple[str, str], ...]) -> PolicySet:
    return PolicySet(kind, [_compiled(kind, arn, document) for arn, document in sources])


@lru_cache(maxsize=4096)
def _compiled(kind: PolicyType, arn: str, document: str) -> Policy:
    try:
        return compile_policy(document, kind, arn)
    except MalformedPolicyError as error:
        raise AwsError(
            "AccessDenied", f"Everything below the policy {arn} is denied: {error}", 403
        ) from error
