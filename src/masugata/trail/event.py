"""CloudTrail records.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.store import EventRow
from masugata.trail.redaction import redact
from masugata.wire.message import HttpRequest

EVENT_VERSION = "1.11"
_IDENTITY_TYPES = {
    CallerKind.ROOT: "Root",
    CallerKind.USER: "IAMUser",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
}


class RecordedCall(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says of a call: who, what, when, from where, and how it ended."""

    service: str
    operation: str
    caller: Caller
    region: str
    now: datetime
    http: HttpRequest
    request_id: str
    event_id: str
    read_only: bool
    request: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None
    error: AwsError | None = None
    resources: tuple[tuple[str, str], ...] = ()


def cloudtrail_event(call: RecordedCall) -> EventRow:
    """The event of one call, as a row of the event log."""
    event: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": _user_identity(call.caller),
        "eventTime": call.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": call.http.source_ip,
        "userAgent": (call.http.header("user-agent") or "")[:1024],
    }
    if call.error is not None:
        event["errorCode"] = call.error.code
        event["errorMessage"] = call.error.message[:1024]
    event["requestParameters"] = redact(call.request) if call.request else None
    shows_response = call.error is None and not call.read_only and bool(call.response)
    event["responseElements"] = redact(call.response) if shows_response else None
    event["requestID"] = call.request_id
    event["eventID"] = call.event_id
    event["readOnly"] = call.read_only
    if call.resources:
        event["resources"] = [
            {"accountId": call.caller.account, "type": kind, "ARN": name}
            for kind, name in call.resources
            if name.startswith("arn:")
        ]
    event |= {
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.caller.account,
        "eventCategory": "Management",
    }
    if call.http.secure:
        event["tlsDetails"] = {"clientProvidedHostHeader": call.http.header("host") or ""}
    return EventRow(
        time=call.now,
        account=call.caller.account,
        region=call.region,
        event_id=call.event_id,
        name=call.operation,
        source=event["eventSource"],
        username=call.caller.username,
        access_key_id=call.caller.access_key_id,
        read_only=call.read_only,
        resources=call.resources,
        body=orjson.dumps(event),
    )


def _user_identity(caller: Caller) -> dict[str, Any]:
    identity: dict[str, Any] = {
        "type": _IDENTITY_TYPES[caller.kind],
        "principalId": caller.user_id,
        "arn": caller.arn,
        "accountId": caller.account,
        "accessKeyId": caller.access_key_id,
    }
    if caller.kind is CallerKind.USER:
        identity["userName"] = caller.entity_name
    session = caller.session
    if session is not None:
        context: dict[str, Any] = {
            "attributes": {
                "creationDate": datetime.fromtimestamp(session.issued, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "mfaAuthenticated": "true" if session.mfa is not None else "false",
            }
        }
        if caller.kind in {CallerKind.ROLE_SESSION, CallerKind.FEDERATED}:
            context["sessionIssuer"] = {
                "type": "Role" if caller.kind is CallerKind.ROLE_SESSION else "IAMUser",
                "principalId": caller.issuer_id,
                "arn": caller.issuer_arn,
                "accountId": caller.account,
                "userName": caller.entity_name,
            }
        if session.source_identity is not None:
            context["sourceIdentity"] = session.source_identity
        identity["sessionContext"] = context
    return identity
