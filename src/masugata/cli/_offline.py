"""Policies and requests from files, made ready for the policy engine; no installation is needed."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.denial import reason
from masugata.engines.policy import (
    Decision,
    Policies,
    PolicySet,
    PolicyType,
    Request,
    compile_policy,
    decide,
)

# Attached at every level of every organization, and nobody can detach it.
_FULL_ACCESS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "RCPFullAWSAccess", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    ],
}
_FULL_ACCESS_ARN = "arn:aws:organizations::aws:policy/resource_control_policy/p-RCPFullAWSAccess"
_READING = ("get", "list", "generate", "simulate")


class Outcome(msgspec.Struct, frozen=True):
    """A decision, and what AWS keeps for itself if that is why an allowed request is denied after all."""

    decision: Decision
    reserved: str | None = None

    @property
    def name(self) -> str:
        """`allow`, `deny_implicit` or `deny_explicit`."""
        if self.decision.explicit and not self.decision.allowed:
            return "deny_explicit"
        return "allow" if self.decision.allowed and self.reserved is None else "deny_implicit"

    def why(self, action: str) -> str:
        """Why, in AWS's words."""
        if self.name == "allow":
            return allowance(self.decision)
        if self.decision.allowed:
            return f"because {self.reserved}"
        return reason(action, self.decision)


def outcome(policies: Policies, request: Request) -> Outcome:
    """Decide a request that names any resource, AWS's own included."""
    return Outcome(decide(policies, request), reserved(request.action, request.resource))


def allowance(decision: Decision) -> str:
    """Which statement allows."""
    if decision.policy is None:
        level = decision.level
        return (
            "because the action needs no permission" if level is None else "because the root user may do it"
        )
    return f"by {decision.policy}, statement {decision.sid or decision.statement}"


def reserved(action: str, resource: str) -> str | None:
    """Why AWS refuses the action on a resource of its own to everybody, whatever policies say; or None.

    Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html and
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-about.html
    """
    service, _, name = action.lower().partition(":")
    try:
        arn = parse_arn(resource)
    except InvalidArnError:
        return None
    owner = (service, arn.service.lower())
    if owner == ("iam", "iam") and not name.startswith(_READING):
        if arn.account.lower() == "aws":
            return "AWS managed policies cannot be changed"
        if arn.resource.startswith("role/aws-reserved/"):
            return "roles that AWS reserves cannot be changed"
    changes_alias = name in ("createalias", "updatealias", "deletealias")
    if owner == ("kms", "kms") and changes_alias and arn.resource.startswith("alias/aws/"):
        return "aliases that start with alias/aws/ are reserved"
    return None


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
