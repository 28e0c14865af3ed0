"""What the content of a policy must be before it is stored."""

import json
from collections.abc import Mapping
from typing import Any

from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.organizations import RESOURCE_CONTROL_POLICY, SERVICE_CONTROL_POLICY
from masugata.services.organizations._common import constraint_violation

_MALFORMED = "The provided policy document does not meet the requirements of the specified policy type."
_AUTHORIZATION: Mapping[str, PolicyType] = {
    SERVICE_CONTROL_POLICY: PolicyType.SCP,
    RESOURCE_CONTROL_POLICY: PolicyType.RCP,
}


def checked_content(call: Call, policy_type: str, content: str) -> str:
    """The content, if a policy of this type may have it; white space counts.

    Raises ConstraintViolationException, POLICY_CONTENT_LIMIT_EXCEEDED, and
    MalformedPolicyDocumentException.
    """
    if len(content) > limit(call.limits, "organizations.policy-size", policy_type):
        raise constraint_violation(
            "POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size."
        )
    check_content(policy_type, content)
    return content


def check_content(policy_type: str, content: str) -> None:
    """The grammar of a type of policies; raises MalformedPolicyDocumentException."""
    authorization = _AUTHORIZATION.get(policy_type)
    if authorization is None:
        _check_declarative(content)
        return
    try:
        validate_policy(content, authorization)
    except MalformedPolicyError as error:
        raise _malformed(error.detail) from None


def _check_declarative(content: str) -> None:
    """One JSON object without two members of one name anywhere."""
    try:
        top = json.loads(content, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _malformed(str(error)) from None
    if not isinstance(top, dict):
        raise _malformed("not an object")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object has two members of one name")
    return members


def _malformed(detail: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", f"{_MALFORMED} ({detail})", 400)
