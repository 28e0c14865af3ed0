"""What the resource-based policy of an organization may say.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate-update.html and the
service authorization reference.
"""

import re
from collections.abc import Mapping
from typing import Final

from masugata.authorization import catalogue
from masugata.authorization.resources.organizations import NAMED_IN_RESOURCE_POLICIES
from masugata.authorization.stored_principals import shown_principal, stored_principal, with_principals
from masugata.call import Call
from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy import PolicyType
from masugata.engines.policy.document import RawStatement, read_document
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.records.organizations import MEMBER, POLICY_TYPES, Organization
from masugata.services.organizations._common import invalid_input

_SERVICE: Final = "organizations:"
_POLICY_TYPE: Final = "organizations:policytype"
_KEYS: Final = frozenset(
    {
        "aws:tagkeys",
        _POLICY_TYPE,
        "organizations:serviceprincipal",
        "organizations:transferdirection",
        "organizations:transfertype",
    }
)
_KEYS_OF_TAGS: Final = ("aws:requesttag/", "aws:resourcetag/")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


def stored_resource_policy(call: Call, organization: Organization, content: str) -> str:
    """The text under which a resource-based policy is stored, its users and roles by unique id.

    Raises InvalidInputException with INVALID_RESOURCE_POLICY_JSON, INVALID_PRINCIPAL or one of the reasons
    UNSUPPORTED_ACTION_, UNSUPPORTED_RESOURCE_ and UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY.
    """
    try:
        validate_policy(content, PolicyType.RESOURCE)
    except MalformedPolicyError as error:
        raise _refused("INVALID_RESOURCE_POLICY_JSON", str(error)) from error
    for statement in read_document(content, PolicyType.RESOURCE).statements:
        _check_principals(call, organization, statement)
        _check_actions(statement)
        _check_resources(call, organization, statement)
        _check_conditions(statement)
    return with_principals(
        content, lambda _, principal: stored_principal(call.records, principal, call.partition) or principal
    )


def check_delegation(content: str) -> None:
    """What a resource-based policy may say whoever there is; raises as `stored_resource_policy`."""
    for statement in read_document(content, PolicyType.RESOURCE).statements:
        _check_actions(statement)
        _check_conditions(statement)


def shown_resource_policy(call: Call, content: str) -> str:
    """A stored resource-based policy as it is shown: users and roles that still exist by their ARNs."""
    return with_principals(
        content, lambda _, principal: shown_principal(call.records, principal, call.partition)
    )


def _check_principals(call: Call, organization: Organization, statement: RawStatement) -> None:
    """Only member accounts, and users and roles in them, can be delegates."""
    named = statement.principal
    if statement.negated_principal or not isinstance(named, Mapping) or set(named) != {"AWS"}:
        raise _refused("INVALID_PRINCIPAL", "The Principal element must name member accounts under AWS.")
    for principal in named["AWS"]:
        stored = stored_principal(call.records, principal, call.partition)
        account = "" if stored is None else _account(shown_principal(call.records, stored, call.partition))
        member = call.records.get(MEMBER, organization.management_account, account)
        if member is None or account == organization.management_account:
            raise _refused(
                "INVALID_PRINCIPAL",
                f"The principal {principal} is no member account, nor a user or role of one.",
            )


def _account(principal: str) -> str:
    """The account of a principal: itself, or that of the ARN; empty for everybody."""
    if _ACCOUNT.fullmatch(principal):
        return principal
    return principal.split(":")[4] if principal.startswith("arn:") else ""


def _check_actions(statement: RawStatement) -> None:
    """Every action, with all that its wildcards reach, must be one that can be delegated."""
    if statement.negated_action:
        raise _refused("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", "NotAction isn't supported.")
    for pattern in statement.actions or ():
        reached = _reached(pattern)
        if not reached or not reached <= NAMED_IN_RESOURCE_POLICIES:
            raise _refused("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", f"The action {pattern} isn't supported.")


def _reached(pattern: str) -> frozenset[str]:
    """The actions of Organizations that a pattern reaches; of anybody else's that is none."""
    entries = catalogue.service("organizations")
    names = () if entries is None or not pattern.lower().startswith(_SERVICE) else entries.actions
    matches = compile_glob(tokenize(pattern.lower()))
    return frozenset(name.removeprefix(_SERVICE) for name in names if matches(name.lower()))


def _check_resources(call: Call, organization: Organization, statement: RawStatement) -> None:
    """Resources are the organization's, or policies of AWS."""
    if statement.negated_resource:
        raise _refused("UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY", "NotResource isn't supported.")
    beginnings = tuple(
        f"arn:{call.partition}:organizations::{owner}"
        for owner in (f"{organization.management_account}:", "aws:policy/")
    )
    for resource in statement.resources or ():
        if resource != "*" and not resource.startswith(beginnings):
            raise _refused(
                "UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY", f"The resource {resource} isn't supported."
            )


def _check_conditions(statement: RawStatement) -> None:
    for _, key, values in statement.conditions:
        name = key.lower()
        if name not in _KEYS and not name.startswith(_KEYS_OF_TAGS):
            raise _refused("INVALID_RESOURCE_POLICY_JSON", f"The condition key {key} isn't supported.")
        for value in values if name == _POLICY_TYPE else ():
            if not any(map(compile_glob(tokenize(value)), POLICY_TYPES)):
                raise _refused(
                    "UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY", f"The policy type {value} isn't supported."
                )


def _refused(reason: str, why: str) -> AwsError:
    return invalid_input(reason, f"The provided resource policy isn't valid: {why}")
