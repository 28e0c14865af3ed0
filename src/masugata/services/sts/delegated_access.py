"""GetDelegatedAccessToken: temporary credentials of whoever accepted a delegation request.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetDelegatedAccessToken.html
"""

from typing import TYPE_CHECKING, Any

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind
from masugata.identity.trade_in_tokens import InvalidTradeInTokenError, open_trade_in_token
from masugata.records.account import ACCOUNT
from masugata.records.iam import ROLE, USER
from masugata.records.iam.delegation_requests import DELEGATION_REQUEST, Approver, DelegationRequest
from masugata.records.kind import Kind
from masugata.services.sts._credentials import issue, packed_size

if TYPE_CHECKING:
    from masugata_types.sts import GetDelegatedAccessTokenRequest, GetDelegatedAccessTokenResponse


def get_delegated_access_token(
    call: Call, request: "GetDelegatedAccessTokenRequest"
) -> "GetDelegatedAccessTokenResponse":
    """Credentials within the approver's rights and the policy that was approved, until the access ends.

    They count as issued when the request was accepted: who revokes all sessions of before a time, by
    `aws:TokenIssueTime`, revokes these too, however often the token is traded in afterwards.

    Raises AccessDenied, ExpiredTradeInTokenException and PackedPolicyTooLarge.
    """
    found, approver = _delegated(call, request["TradeInToken"])
    ends = found.access_ends
    if ends is None or ends <= call.now or found.state != "FINALIZED":
        raise AwsError("ExpiredTradeInTokenException", "The trade-in token has expired.")
    account = str(found.owner_account)
    size = packed_size((found.policy,), (), approver.tags)
    session, credentials = issue(
        call,
        kind=CallerKind(approver.kind),
        account=account,
        issuer_id=approver.issuer_id,
        seconds=int(ends.timestamp()) - int(call.now.timestamp()),
        name=approver.name,
        source_identity=approver.source_identity,
        tags=approver.tags,
        transitive_tag_keys=approver.transitive_tag_keys,
        provider=approver.provider,
        provider_keys=approver.provider_keys,
        issued=approver.accepted or int(call.now.timestamp()),
        policies=(found.policy,),
        delegate=call.account,
    )
    call.touches(
        "AWS::IAM::DelegationRequest", f"arn:{call.partition}:iam::{account}:delegation-request/{found.id}"
    )
    call.touches("AWS::IAM::AccessKey", session.access_key_id)
    response: GetDelegatedAccessTokenResponse = {
        "Credentials": credentials,
        "AssumedPrincipal": approver.arn,
    }
    if size is not None:
        response["PackedPolicySize"] = size
    return response


def _delegated(call: Call, token: str) -> tuple[DelegationRequest, Approver]:
    """The request that a token of the caller's account stands for, and who accepted it, if they are there."""
    denied = AwsError("AccessDenied", "The trade-in token is not valid.", 403)
    try:
        request_id = open_trade_in_token(token, call.account, call.keeper)
    except InvalidTradeInTokenError:
        raise denied from None
    found = call.records.get(DELEGATION_REQUEST, call.account, request_id)
    if found is None or found.approver is None:
        raise denied
    kind: Kind[Any] = ROLE if found.approver.kind == CallerKind.ROLE_SESSION else USER
    issuer = call.records.by_name(kind, "id", found.approver.issuer_id)
    if issuer is None or issuer[0] != found.owner_account:
        raise denied
    owner = call.records.get(ACCOUNT, issuer[0], issuer[0])
    if owner is None or not owner.active:
        raise denied
    return found, found.approver
