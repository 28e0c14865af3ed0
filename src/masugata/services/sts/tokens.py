"""GetSessionToken and GetFederationToken: temporary credentials of a user itself."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.identity.caller import CallerKind
from masugata.services.sts._credentials import (
    issue,
    packed_size,
    session_policies,
    session_tags,
)

if TYPE_CHECKING:
    from masugata_types.sts import (
        GetFederationTokenRequest,
        GetFederationTokenResponse,
        GetSessionTokenRequest,
        GetSessionTokenResponse,
    )

_DEFAULT_SECONDS = 43_200
_ROOT_SECONDS = 3600


def get_session_token(call: Call, request: "GetSessionTokenRequest") -> "GetSessionTokenResponse":
    """Temporary credentials with the rights of the user (or root) that signs; needs no permission.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """
    _, credentials = issue(
        call,
        kind=call.caller.kind,
        account=call.account,
        issuer_id=call.caller.issuer_id,
        seconds=_seconds(call, request.get("DurationSeconds")),
        mfa=call.caller.mfa,
    )
    call.touches("AWS::IAM::AccessKey", credentials["AccessKeyId"])
    return {"Credentials": credentials}


def get_federation_token(call: Call, request: "GetFederationTokenRequest") -> "GetFederationTokenResponse":
    """Temporary credentials for a federated user, within the caller's rights and its session policies.

    Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
    """
    policies = session_policies(call, call.account, request)
    tags = session_tags(request.get("Tags"))
    size = packed_size(policies["policies"], policies["policy_arns"], tags)
    session, credentials = issue(
        call,
        kind=CallerKind.FEDERATED,
        account=call.account,
        issuer_id=call.caller.issuer_id,
        seconds=_seconds(call, request.get("DurationSeconds")),
        name=request["Name"],
        tags=tags,
        **policies,
    )
    call.touches("AWS::IAM::AccessKey", session.access_key_id)
    response: GetFederationTokenResponse = {
        "Credentials": credentials,
        "FederatedUser": {
            "FederatedUserId": f"{call.account}:{session.name}",
            "Arn": f"arn:{call.partition}:sts::{call.account}:federated-user/{session.name}",
        },
    }
    if size is not None:
        response["PackedPolicySize"] = size
    return response


def _seconds(call: Call, asked: int | None) -> int:
    """Twelve hours unless asked otherwise; the root user gets an hour at most, whatever it asks."""
    if call.caller.kind is CallerKind.ROOT:
        return min(asked or _ROOT_SECONDS, _ROOT_SECONDS)
    return asked or _DEFAULT_SECONDS
