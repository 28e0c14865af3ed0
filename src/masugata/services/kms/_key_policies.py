"""Key policies: how they are checked, stored and shown.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

from collections.abc import Mapping
from typing import Any

from masugata.authorization.stored_principals import (
    is_service,
    shown_principal,
    stored_principal,
    with_principals,
)
from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kms import Key


def stored_key_policy(call: Call, document: str) -> str:
    """The text under which a key policy is stored: compact, users and roles by their unique ids.

    Raises MalformedPolicyDocumentException, also for a principal that does not exist, and
    LimitExceededException.
    """
    most = limit(call.limits, "kms.key-policy-size")
    if len(document.encode()) > most:
        raise AwsError(
            "LimitExceededException", f"The key policy exceeds the quota of {most} bytes for its size.", 400
        )
    try:
        validate_policy(document, PolicyType.RESOURCE)
    except MalformedPolicyError as error:
        raise _malformed(error.message) from None
    return with_principals(document, lambda kind, principal: _as_stored(call, kind, principal))


def shown_key_policy(call: Call, policy: str) -> str:
    """A stored key policy as it is shown: indented, users and roles that still exist by their ARNs."""

    def shown(kind: str, principal: str) -> str:
        return shown_principal(call.records, principal, call.partition) if kind == "AWS" else principal

    return with_principals(policy, shown, indent=2)


def check_lockout(call: Call, key: Key, request: Mapping[str, Any]) -> None:
    """Whoever gives a key its policy must be able to replace it, unless the request says otherwise.

    It is asked as if PutKeyPolicy was called next: so the key must be stored with its new policy already,
    and goes again with whatever else a refused call has changed. Raises MalformedPolicyDocumentException.
    """
    if request.get("BypassPolicyLockoutSafetyCheck"):
        return
    again = {"KeyId": key.id, "PolicyName": "default", "Policy": key.policy}
    try:
        call.authorize_operation("PutKeyPolicy", again, region=key.region)
    except AwsError as error:
        raise _malformed(
            "The new key policy will not allow you to update the key policy in the future."
        ) from error


def _as_stored(call: Call, kind: str, principal: str) -> str:
    stored = None
    if kind == "AWS":
        stored = stored_principal(call.records, principal, call.partition)
    elif kind == "Service" and is_service(principal):
        stored = principal
    if stored is None:
        raise _malformed("Policy contains a statement with one or more invalid principals.")
    return stored


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocumentException", message, 400)
