"""CloudTrail records.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
import orjson

from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind, Federation
from masugata.store import EventRow
from masugata.trail.redaction import Sensitive, redact, sensitive_members
from masugata.trail.request_members import shown_request
from masugata.wire import recorded_name
from masugata.wire.message import HttpRequest

EVENT_VERSION = "1.11"
_FIELD_LIMIT = 102_400
"""Bytes of `requestParameters` and of `responseElements`; what is larger is omitted, as CloudTrail does."""
_TIMES = orjson.OPT_OMIT_MICROSECONDS | orjson.OPT_UTC_Z
_ACCOUNT = re.compile(r"[0-9]{12}")
_IDENTITY_TYPES = {
    CallerKind.ROOT: "Root",
    CallerKind.USER: "IAMUser",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.FEDERATED: "FederatedUser",
    CallerKind.WEB_IDENTITY: "WebIdentityUser",
    CallerKind.SAML: "SAMLUser",
}


class RecordedCall(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says of a call: who, what, when, from where, and how it ended.

    CloudTrail counts some operations that issue credentials as `read_only`; with `writes` their
    answer is shown all the same. `additional` is its `additionalEventData`. `recipient` is the account
    whose event it is, if that is not the caller's own; the events that several accounts have of one call
    share `shared_event_id`.
    """

    service: str
    operation: str
    caller: Caller
    region: str
    now: datetime
    http: HttpRequest
    request_id: str
    event_id: str
    read_only: bool
    writes: bool = False
    request: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None
    error: AwsError | None = None
    resources: tuple[tuple[str, str], ...] = ()
    additional: Mapping[str, str] = {}
    recipient: str | None = None
    shared_event_id: str | None = None


def event_id_of(own: str, caller: str, recipient: str) -> str:
    """The id of the event that the account `recipient` has of a call whose caller's account has `own`."""
    return own if recipient == caller else str(uuid.uuid5(uuid.UUID(own), recipient))


def cloudtrail_event(call: RecordedCall) -> EventRow:
    """The event of one call, as a row of the event log."""
    home = call.caller.home
    account = call.recipient or home
    own = account == home
    event: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": _own_identity(call.caller) if own else _foreign_identity(call.caller),
        "eventTime": call.now,
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": call.http.source_ip,
        "userAgent": (call.http.header("user-agent") or "")[:1024],
    }
    if call.caller.via or call.caller.is_service:
        event["sourceIPAddress"] = event["userAgent"] = _service_of(call.caller)
    if call.error is not None:
        event["errorCode"] = recorded_name(call.error, call.service)
        event["errorMessage"] = call.error.message[:1024]
    given, answered = sensitive_members(call.service, call.operation)
    event["requestParameters"] = _bounded(shown_request(call.service, call.operation, call.request), given)
    shows_response = call.error is None and (call.writes or not call.read_only)
    event["responseElements"] = _bounded(call.response, answered) if shows_response else None
    if call.additional:
        event["additionalEventData"] = call.additional
    event["requestID"] = call.request_id
    event["eventID"] = call.event_id
    event["readOnly"] = call.read_only
    if call.resources:
        event |= resources_member(call.resources)
    event["eventType"] = "AwsApiCall"
    event["managementEvent"] = True
    event["recipientAccountId"] = account
    event["eventCategory"] = "Management"
    if call.shared_event_id is not None:
        event["sharedEventID"] = call.shared_event_id
    if call.http.secure:
        event["tlsDetails"] = {"clientProvidedHostHeader": call.http.header("host") or ""}
    return EventRow(
        time=call.now,
        account=account,
        region=call.region,
        event_id=call.event_id,
        name=call.operation,
        source=event["eventSource"],
        username=call.caller.username if own else "",
        access_key_id=call.caller.access_key_id if own else "",
        read_only=call.read_only,
        resources=call.resources,
        body=orjson.dumps(event, option=_TIMES),
    )


def _bounded(members: Mapping[str, Any] | None, sensitive: Sensitive) -> Any:
    """Request or answer as an event shows it; too much of it must not keep the event from being stored."""
    if not members:
        return None
    text = orjson.dumps(redact(members, sensitive))
    if len(text) > _FIELD_LIMIT:
        return {"omitted": True, "originalSize": len(text)}
    return orjson.Fragment(text)


def resources_member(resources: Iterable[tuple[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    """The member `resources` of an event, if any of the pairs of type and name has an ARN."""
    named = [_resource(kind, name) for kind, name in resources if name.startswith("arn:")]
    return {"resources": named} if named else {}


@lru_cache(maxsize=4096)
def _resource(kind: str, arn: str) -> Mapping[str, str]:
    account = arn.split(":", 5)[4:5]
    resource = {"type": kind, "ARN": arn}
    # AWS's own policies are of no account.
    return {"accountId": account[0], **resource} if account and _ACCOUNT.fullmatch(account[0]) else resource


def _issuer_type(caller: Caller) -> str:
    if caller.kind is CallerKind.ROLE_SESSION:
        return "Role"
    return "IAMUser" if caller.entity_name else "Root"


def _service_of(caller: Caller) -> str:
    """The service that made a call, for somebody or for itself."""
    return caller.via[-1].principal if caller.via else caller.arn


def _foreign_identity(caller: Caller) -> dict[str, Any]:
    """What another account learns of a caller: whose it is, and its unique id."""
    if caller.is_service:
        return {"type": "AWSService", "invokedBy": caller.arn}
    return {"type": "AWSAccount", "principalId": caller.user_id, "accountId": caller.account}


def _federated_identity(caller: Caller, federation: Federation) -> dict[str, Any]:
    """Whom an identity provider vouches for; SAML's providers go by the hash that is their name qualifier."""
    return {
        "type": _IDENTITY_TYPES[caller.kind],
        "principalId": caller.user_id,
        "userName": federation.subject,
        "identityProvider": federation.name_qualifier or federation.provider,
    }


def _own_identity(caller: Caller) -> dict[str, Any] | orjson.Fragment:
    """What the caller's own account learns of it."""
    return _identity_text(caller) if caller.hashable else _user_identity(caller)


@lru_cache(maxsize=4096)
def _identity_text(caller: Caller) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(_user_identity(caller)))


def _user_identity(caller: Caller) -> dict[str, Any]:
    if caller.federation is not None:
        return _federated_identity(caller, caller.federation)
    if caller.is_service:
        return _foreign_identity(caller)
    identity = _signer_identity(caller)
    if caller.via:
        identity["invokedBy"] = caller.via[-1].principal
    return identity


def _signer_identity(caller: Caller) -> dict[str, Any]:
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
                "type": _issuer_type(caller),
                "principalId": caller.issuer_id,
                "arn": caller.issuer_arn,
                "accountId": caller.account,
            }
            if caller.entity_name:
                context["sessionIssuer"]["userName"] = caller.entity_name
        if session.provider is not None and session.provider.partition(":oidc-provider/")[1]:
            context["webIdFederationData"] = {"federatedProvider": session.provider, "attributes": {}}
        if session.assumed_root:
            context["assumedRoot"] = "true"
        if session.source_identity is not None:
            context["sourceIdentity"] = session.source_identity
        if session.delegate:
            identity["invokedByDelegate"] = {"accountId": session.delegate}
        identity["sessionContext"] = context
    return identity
