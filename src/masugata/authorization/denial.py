"""The words of a denial.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from masugata.authorization.access import Access
from masugata.engines.policy import Decision, PolicyType
from masugata.errors import AwsError
from masugata.identity.caller import IDENTITY_PROVIDERS, Caller

_IMPLICIT = {
    PolicyType.IDENTITY: "identity-based policy",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SESSION: "session policy",
    PolicyType.RESOURCE: "resource-based policy",
    PolicyType.TRUST: "role trust policy",
    PolicyType.SCP: "service control policy",
    PolicyType.RCP: "resource control policy",
    PolicyType.VPCE: "VPC endpoint policy",
}
_RESOURCE_SIDE = {PolicyType.RESOURCE, PolicyType.TRUST, PolicyType.RCP, PolicyType.VPCE}
_ARTICLES = {PolicyType.IDENTITY: "an", PolicyType.TRUST: "the"}


def shows_policy(caller: Caller, access: Access, decision: Decision, *, one_organization: bool) -> bool:
    """Whether the policy that denies may be named to the caller.

    What lies on the resource's side is shown to its own account alone, but for resource control policies,
    which are shown in their `one_organization`.
    """
    if decision.level not in _RESOURCE_SIDE or not access.of_another_account(caller.account):
        return True
    return one_organization and decision.level is PolicyType.RCP


def denied(caller: Caller, access: Access, decision: Decision, *, named: bool) -> AwsError:
    """AccessDenied in AWS's words: the level, and if `named` the policy and statement that deny."""
    error = AwsError("AccessDenied", _message(caller, access, decision, named=named), 403)
    error.denied_by = decision.level or PolicyType.IDENTITY
    return error


def _message(caller: Caller, access: Access, decision: Decision, *, named: bool) -> str:
    if caller.kind in IDENTITY_PROVIDERS:  # a stranger learns nothing of the role, nor whether it exists
        return f"Not authorized to perform {access.action}"
    if access.called and (decision.level in _RESOURCE_SIDE and not decision.explicit):
        return (
            f"User: {caller.arn} is not authorized to perform: {access.action} on {access.called} because "
            "the resource does not exist in this Region, no resource-based policies allow access, or a "
            "resource-based policy explicitly denies access"
        )
    head = f"User: {caller.arn} is not authorized to perform: {access.action} on resource: "
    if decision.reserved is not None:
        noun = "policy " if ":policy/" in access.resource else ""
        return f"{head}{noun}{access.resource}"
    return f"{head}{access.resource} {reason(access.action, decision, named=named)}"


def reason(action: str, decision: Decision, *, named: bool = True) -> str:
    """Why a decision says no, in AWS's words; we add the statement, which AWS leaves out.

    A policy of another account is not `named` to the caller.
    """
    if decision.reserved is not None:
        return f"because {decision.reserved}"
    level = decision.level or PolicyType.IDENTITY
    if not decision.explicit:
        return f"because no {_IMPLICIT[level]} allows the {action} action"
    text = f"with an explicit deny in {_ARTICLES.get(level, 'a')} {_IMPLICIT[level]}"
    if decision.policy is None or not named:
        return text
    return f"{text}: {decision.policy}, statement {decision.sid or decision.statement}"
