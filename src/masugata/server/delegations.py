"""What an account is told of its delegation requests: AWS publishes it to SNS, here the account asks."""

from typing import Any

import orjson

from masugata.errors import AwsError
from masugata.gateway import Gateway
from masugata.identity.caller import Caller
from masugata.identity.trade_in_tokens import seal_trade_in_token
from masugata.records.iam.delegation_requests import DELEGATION_REQUEST
from masugata.wire import HttpResponse

DELEGATIONS_PATH = "/_masugata/delegation-requests/"
ACTION = "masugata:GetDelegationNotification"


def notification(path: str, caller: Caller, gateway: Gateway) -> HttpResponse:
    """The latest message about one of the caller's account's requests, with AWS's members.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/temporary-delegation-building-integration.html
    """
    request_id = path.removeprefix(DELEGATIONS_PATH)
    found = gateway.store.snapshot().get(DELEGATION_REQUEST, caller.account, request_id)
    if found is None:
        raise AwsError("NoSuchEntity", f"the account has no delegation request `{request_id[:64]}`", 404)
    now = gateway.clock()
    message: dict[str, Any] = {
        "Type": "StateChange",
        "RequestId": found.id,
        "RequestorWorkflowId": found.workflow_id,
        "State": found.state_at(now),
        "OwnerAccountId": found.owner_account,
        "UpdatedAt": found.update_date,
    }
    ends = found.access_ends
    if found.state == "FINALIZED" and ends is not None and now < ends:
        token = seal_trade_in_token(found.id, caller.account, gateway.keeper)
        message |= {"Type": "ExchangeToken", "ExchangeToken": token, "ExpiresAt": ends}
    headers = (("content-type", "application/json"), ("cache-control", "no-store"))
    return HttpResponse(status=200, headers=headers, body=orjson.dumps(message, option=orjson.OPT_UTC_Z))
