"""What the content of a policy must be before it is stored."""

from collections.abc import Mapping
from typing import Final

from masugata.authorization import catalogue
from masugata.call import Call
from masugata.engines.inheritance import MalformedDeclarativePolicyError, check_policy
from masugata.engines.policy import PolicyType
from masugata.engines.policy.document import read_document
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.organizations import RESOURCE_CONTROL_POLICY, SERVICE_CONTROL_POLICY
from masugata.services.organizations._common import constraint_violation

_MALFORMED: Final = (
    "The provided policy document does not meet the requirements of the specified policy type."
)
_AUTHORIZATION: Final[Mapping[str, PolicyType]] = {
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
    """The grammar of a type of policies; raises MalformedPolicyDocumentException, which says where."""
    authorization = _AUTHORIZATION.get(policy_type)
    try:
        if authorization is None:
            check_policy(policy_type, content)
        else:
            validate_policy(content, authorization)
    except MalformedPolicyError as error:
        raise _malformed(error.detail) from None
    except MalformedDeclarativePolicyError as error:
        raise _malformed(str(error)) from None
    if authorization is PolicyType.RCP:
        _check_services(content)


def _check_services(content: str) -> None:
    """A resource control policy is about services that know such policies.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html,
    "RCP syntax error action".
    """
    for index, statement in enumerate(read_document(content, PolicyType.RCP).statements):
        for action in statement.actions or ():
            service = action.partition(":")[0].lower()
            if service not in catalogue.service_names() or not catalogue.supports_resource_control_policies(
                service
            ):
                raise _malformed(
                    f"action at Statement[{index}]: `{action}` is of a service that does not support "
                    "resource control policies"
                )


def _malformed(detail: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", f"{_MALFORMED} ({detail})", 400)
