"""Policies and requests from files, made ready for the policy engine; no installation is needed."""

from collections.abc import Iterable, Sequence
from typing import Any

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.denial import reason
from masugata.engines.policy import (
    Decision,
    PolicySet,
    PolicyType,
    compile_policy,
)

# Attached at every level of every organization, and nobody can detach it.
_FULL_ACCESS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "RCPFullAWSAccess", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    ],
}
_FULL_ACCESS_ARN = "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess"


def decision_name(decision: Decision) -> str:
    """`allow`, `deny_implicit` or `deny_explicit`."""
    if decision.allowed:
        return "allow"
    return "deny_explicit" if decision.explicit else "deny_implicit"


def why(decision: Decision, action: str) -> str:
    """Why, in AWS's words."""
    return allowance(decision) if decision.allowed else reason(action, decision)


def allowance(decision: Decision) -> str:
    """Which statement allows."""
    if decision.policy is None:
        level = decision.level
        return (
            "because the action needs no permission" if level is None else "because the root user may do it"
        )
    if decision.statement is None:
        return f"by {decision.policy}"
    return f"by {decision.policy}, statement {decision.sid or decision.statement}"


def policy_set(type_: PolicyType, documents: Sequence[Any], name: str) -> PolicySet:
    """The documents as one set, shown as `name[0]`, `name[1]` …; raises `MalformedPolicyError`."""
    return PolicySet(
        type_,
        [compile_policy(document, type_, f"{name}[{index}]") for index, document in enumerate(documents)],
    )


def guardrails(
    type_: PolicyType, levels: Iterable[tuple[str, Sequence[Any]]], *, full_access: bool = False
) -> tuple[PolicySet, ...]:
    """One set for each level of the organization, from the root down; `levels` are (name, documents).

    `full_access` adds RCPFullAWSAccess, as AWS does for resource control policies.
    """
    always = [compile_policy(_FULL_ACCESS, type_, _FULL_ACCESS_ARN)] if full_access else []
    return tuple(
        PolicySet(type_, [*always, *policy_set(type_, documents, f"{type_.value} {name}").policies])
        for name, documents in levels
    )


def resource_policy_type(action: str, resource: str) -> PolicyType:
    """What kind of resource policy a resource has: a role's is its trust policy."""
    try:
        arn = parse_arn(resource)
    except InvalidArnError:
        return PolicyType.RESOURCE
    is_role = arn.service == "iam" and arn.resource.startswith("role/")
    return PolicyType.TRUST if is_role and action.lower().startswith("sts:") else PolicyType.RESOURCE
