"""Operations on the policies that share rule groups with other accounts.

Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_PutPermissionPolicy.html
"""

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from masugata.authorization.stored_principals import shown_principal, stored_principal, with_principals
from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.wafv2 import RULE_GROUP_PATH, RuleGroup
from masugata.services.wafv2._entities import RULE_GROUPS, find_own, save
from masugata.services.wafv2._errors import nonexistent

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_NEEDED: Final = frozenset({"wafv2:createwebacl", "wafv2:updatewebacl", "wafv2:putfirewallmanagerrulegroups"})
_ALLOWED: Final = _NEEDED | {"wafv2:getrulegroup"}
_VERSION: Final = "2012-10-17"


def put_permission_policy(call: Call, request: "shapes.PutPermissionPolicyRequest") -> dict[str, Any]:
    """Share a rule group with the principals that a policy names, in the place of any policy that it has.

    Raises WAFNonexistentItemException and WAFInvalidPermissionPolicyException.
    """
    group = _find(call, request["ResourceArn"])
    save(call, RULE_GROUPS, replace(group, policy=_stored(call, request["Policy"])))
    return {}


def get_permission_policy(
    call: Call, request: "shapes.GetPermissionPolicyRequest"
) -> "shapes.GetPermissionPolicyResponse":
    """The policy that shares a rule group; raises WAFNonexistentItemException."""
    policy = _with_policy(call, request["ResourceArn"]).policy

    def shown(kind: str, principal: str) -> str:
        return shown_principal(call.records, principal, call.partition) if kind == "AWS" else principal

    return {"Policy": with_principals(policy, shown)}


def delete_permission_policy(call: Call, request: "shapes.DeletePermissionPolicyRequest") -> dict[str, Any]:
    """Share a rule group no more; web ACLs that refer to it go on doing so.

    Raises WAFNonexistentItemException.
    """
    save(call, RULE_GROUPS, replace(_with_policy(call, request["ResourceArn"]), policy=""))
    return {}


def _find(call: Call, arn: str) -> RuleGroup:
    """A rule group of the account: only its owner shares it."""
    group: RuleGroup = find_own(call, arn, RULE_GROUP_PATH)[1]
    return group


def _with_policy(call: Call, arn: str) -> RuleGroup:
    group = _find(call, arn)
    if not group.policy:
        raise nonexistent(f"the policy of {arn}")
    return group


def _stored(call: Call, text: str) -> str:
    """The text under which a policy is stored: users and roles by their unique ids."""
    if len(text) > limit(call.limits, "wafv2.permission-policy-size"):
        raise _refused("it is too long")
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused("it is not JSON") from None
    if not isinstance(policy, dict) or policy.get("Version") != _VERSION:
        raise _refused(f"its Version is not {_VERSION}")
    statements = policy.get("Statement")
    statements = statements if isinstance(statements, list) else [statements]
    for statement in statements:
        if not isinstance(statement, dict):
            raise _refused("a statement is not an object")
        _check_statement(statement)
    whole = policy | {"Statement": [statement | {"Resource": "*"} for statement in statements]}
    try:
        validate_policy(json.dumps(whole), PolicyType.RESOURCE)
    except MalformedPolicyError as error:
        raise _refused(error.message) from None
    return with_principals(text, lambda kind, principal: _principal(call, kind, principal))


def _check_statement(statement: dict[str, Any]) -> None:
    if statement.get("Effect") != "Allow":
        raise _refused("Effect must be Allow")
    if "Resource" in statement or "NotResource" in statement:
        raise _refused("a statement has no Resource: it is the rule group")
    if not isinstance(statement.get("Principal"), dict) or "NotPrincipal" in statement:
        raise _refused("a statement has a Principal, which is not everybody")
    actions = statement.get("Action")
    actions = actions if isinstance(actions, list) else [actions]
    given = {action.lower() if isinstance(action, str) else "" for action in actions}
    if not given >= _NEEDED or given - _ALLOWED:
        raise _refused(
            "Action must be wafv2:CreateWebACL, wafv2:UpdateWebACL and wafv2:PutFirewallManagerRuleGroups, "
            "and may be wafv2:GetRuleGroup as well"
        )


def _principal(call: Call, kind: str, principal: str) -> str:
    stored = None
    if kind == "AWS" and principal != "*":
        stored = stored_principal(call.records, principal, call.partition)
    if stored is None:
        raise _refused(f"{principal} is not an account, a user or a role")
    return stored


def _refused(why: str) -> AwsError:
    return AwsError(
        "WAFInvalidPermissionPolicyException",
        f"The operation failed because the specified policy isn't in the proper format. ({why})",
        400,
    )
