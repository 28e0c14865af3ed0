"""What an organization's policies bind an account to: every level from the root down to the account.

They are found once for each account and remembered as long as no record of any organization changes, so
that a move or an attachment binds the very next request, of any number of accounts, and other requests
cost a look-up.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
and .../orgs_manage_policies_rcps_evaluation.html
"""

from functools import lru_cache
from typing import Any, Final, NamedTuple

from masugata.authorization import catalogue
from masugata.engines.policy import Policy, PolicySet, PolicyType, compile_policy
from masugata.errors import AwsError
from masugata.records.kind import Kind
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
    organization_of,
    path_of,
    policy_arn,
    target_id,
)
from masugata.store import Records

_KINDS: Final[tuple[Kind[Any], ...]] = (MEMBER, ORGANIZATION, ORGANIZATION_POLICY, ORGANIZATIONAL_UNIT)
_REMEMBERED: Final = 65_536  # accounts
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


class _Remembered(NamedTuple):
    """The guardrails of accounts in one state of the records."""

    states: tuple[object, ...]
    accounts: dict[str, Guardrails]


_remembered = _Remembered((), {})


def guardrails(account: str, records: Records) -> Guardrails:
    """What binds an account in this state; raises AccessDenied if the organization's records are broken."""
    global _remembered  # noqa: PLW0603  one state at a time, replaced as a whole: threads see one or another
    remembered = _remembered
    states = tuple([records.state_of(kind) for kind in _KINDS])
    if len(remembered.states) != len(states) or any(
        old is not new for old, new in zip(remembered.states, states, strict=True)
    ):
        remembered = _remembered = _Remembered(states, {})
    found = remembered.accounts.get(account)
    if found is None:
        found = _find(account, records)
        if len(remembered.accounts) >= _REMEMBERED:
            remembered.accounts.clear()
        remembered.accounts[account] = found
    return found


def rcp_supported(action: str) -> bool:
    """Whether RCPs bind this action; those of a service that nobody knows are bound."""
    try:
        return catalogue.supports_resource_control_policies(action.partition(":")[0].lower())
    except KeyError:
        return True


def _find(account: str, records: Records) -> Guardrails:
    organization = organization_of(records, account)
    if organization is None:
        return NO_GUARDRAILS
    try:
        way = levels(records, organization, account)
    except BrokenTreeError as error:
        raise AwsError(
            "AccessDenied", f"The account {account} is denied everything: {error}.", 403
        ) from error
    path = path_of(organization, way)
    if account == organization.management_account or not organization.all_features:
        return Guardrails(organization.id, path)
    return Guardrails(
        organization.id,
        path,
        _levels(SERVICE_CONTROL_POLICY, organization, way, records),
        _levels(RESOURCE_CONTROL_POLICY, organization, way, records),
    )


def _levels(
    policy_type: str, organization: Organization, way: tuple[Target, ...], records: Records
) -> tuple[PolicySet, ...]:
    if policy_type not in organization.policy_types:
        return ()
    return tuple(_level(policy_type, organization, target, records) for target in way)


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
    return compile_policy(document, kind, arn)
