"""Operations on delegation requests: one account asks another for temporary access, and gets it or not.

At AWS only onboarded partners ask, with templates that AWS keeps and SNS to tell them; here any account of
the installation does, with its own managed policies as templates, and fetches what it is told.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html
"""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind
from masugata.records.account import ACCOUNT
from masugata.records.iam.delegation_requests import (
    DELEGATION_REQUEST,
    Approver,
    DelegationRequest,
    PolicyParameter,
)
from masugata.services.iam._common import (
    already_exists,
    invalid_input,
    no_such_entity,
    page,
    quota_exceeded,
    whole_seconds,
)
from masugata.services.iam._delegation_policies import boundaries, filled_in, permission_check, summary

if TYPE_CHECKING:
    from masugata_types import iam as shapes

CHANNEL = "masugata:notifications"
"""The one notification channel: the account asks for what it would be told."""
REQUESTS_PER_ACCOUNT = 1000
KEPT_EXPIRED = timedelta(days=7)
_SUMMARY_LIMIT = 10_000
_OPEN = ("ASSIGNED", "PENDING_APPROVAL")


def create_delegation_request(
    call: Call, request: "shapes.CreateDelegationRequestRequest"
) -> "shapes.CreateDelegationRequestResponse":
    """Ask for access to another account, within a managed policy of the caller's account."""
    _check_channel(request["NotificationChannel"])
    _remove_expired(call)
    if call.records.by_name(
        DELEGATION_REQUEST, "workflow", f"{call.account}/{request['RequestorWorkflowId']}"
    ):
        raise already_exists(
            f"A delegation request with workflow id {request['RequestorWorkflowId']} exists."
        )
    if call.records.count(DELEGATION_REQUEST, call.account) >= REQUESTS_PER_ACCOUNT:
        raise quota_exceeded("DelegationRequestsPerAccount", REQUESTS_PER_ACCOUNT)
    owner = request.get("OwnerAccountId")
    if owner is not None and call.records.get(ACCOUNT, owner, owner) is None:
        raise invalid_input(f"The account {owner} does not exist.")
    permissions = request["Permissions"]
    parameters = tuple(
        PolicyParameter(
            name=item.get("Name", ""), values=tuple(item.get("Values", ())), type=item.get("Type", "string")
        )
        for item in permissions.get("Parameters", ())
    )
    template = permissions.get("PolicyTemplateArn", "")
    now = whole_seconds(call)
    made = DelegationRequest(
        id=str(uuid.UUID(bytes=call.random(16), version=4)),
        requester=call.account,
        description=request["Description"],
        request_message=request.get("RequestMessage"),
        template_arn=template,
        parameters=parameters,
        policy=filled_in(call, template, parameters),
        workflow_id=request["RequestorWorkflowId"],
        redirect_url=request.get("RedirectUrl"),
        session_duration=request["SessionDuration"],
        only_send_by_owner=request.get("OnlySendByOwner", False),
        create_date=now,
        update_date=now,
        owner_account=owner,
    )
    _put(call, made)
    return {"DelegationRequestId": made.id}


def associate_delegation_request(
    call: Call, request: "shapes.AssociateDelegationRequestRequest"
) -> dict[str, Any]:
    """Take an unassigned request on: the caller becomes its owner."""
    found = _in_state(call, request["DelegationRequestId"], "UNASSIGNED")
    if found.requester == call.account:
        raise invalid_input("A delegation request cannot be associated with the account that made it.")
    owned = msgspec.structs.replace(
        found, owner_account=call.account, owner_arn=call.caller.arn, owner_user_id=call.caller.user_id
    )
    _move(call, owned, "ASSIGNED")
    return {}


def get_delegation_request(
    call: Call, request: "shapes.GetDelegationRequestRequest"
) -> "shapes.GetDelegationRequestResponse":
    """One request with its policy; with a permission check, whether the caller could grant it."""
    found = _visible(call, request["DelegationRequestId"])
    answer: shapes.GetDelegationRequestResponse = {"DelegationRequest": _shape(call, found)}
    if request.get("DelegationPermissionCheck"):
        answer["PermissionCheckStatus"] = "COMPLETE"
        answer["PermissionCheckResult"] = permission_check(call, found.policy)
    return answer


def list_delegation_requests(
    call: Call, request: "shapes.ListDelegationRequestsRequest"
) -> "shapes.ListDelegationRequestsResponse":
    """The requests that somebody in the account owns, whichever account made them."""
    owned = [
        found
        for requester, _ in call.records.partitions(DELEGATION_REQUEST)
        for found in call.records.referring(DELEGATION_REQUEST, requester, "owner", call.account)
        if found.owner_arn is not None and request.get("OwnerId") in (None, found.owner_arn)
    ]
    chosen, end = page(sorted(owned, key=lambda r: r.id), request, "DelegationRequests", lambda r: r.id)
    answer: shapes.ListDelegationRequestsResponse = {
        "DelegationRequests": [_shape(call, found) for found in chosen],
        "isTruncated": end["IsTruncated"],
    }
    if "Marker" in end:
        answer["Marker"] = end["Marker"]
    return answer


def update_delegation_request(call: Call, request: "shapes.UpdateDelegationRequestRequest") -> dict[str, Any]:
    """Pass an assigned request on to somebody who may approve it."""
    found = _in_state(call, request["DelegationRequestId"], *_OPEN)
    noted = msgspec.structs.replace(found, notes=request.get("Notes", found.notes))
    _move(call, noted, "PENDING_APPROVAL")
    return {}


def accept_delegation_request(call: Call, request: "shapes.AcceptDelegationRequestRequest") -> dict[str, Any]:
    """Approve a request: what it asks for is granted from the caller's own rights."""
    found = _in_state(call, request["DelegationRequestId"], *_OPEN)
    accepted = msgspec.structs.replace(found, approver=_approver(call))
    _move(call, accepted, "ACCEPTED")
    return {}


def reject_delegation_request(call: Call, request: "shapes.RejectDelegationRequestRequest") -> dict[str, Any]:
    """Refuse a request; an accepted one, too, until its token is sent."""
    found = _in_state(call, request["DelegationRequestId"], *_OPEN, "ACCEPTED")
    rejected = msgspec.structs.replace(found, rejection_reason=request.get("Notes"), approver=None)
    _move(call, rejected, "REJECTED")
    return {}


def send_delegation_token(call: Call, request: "shapes.SendDelegationTokenRequest") -> dict[str, Any]:
    """Let the other account fetch the token of an accepted request; its time begins now."""
    found = _in_state(call, request["DelegationRequestId"], "ACCEPTED")
    if found.only_send_by_owner and call.caller.user_id != found.owner_user_id:
        raise invalid_input("The token of this delegation request can be sent by its owner only.")
    finalized = msgspec.structs.replace(found, finalize_date=whole_seconds(call))
    _move(call, finalized, "FINALIZED")
    return {}


def get_human_readable_summary(
    call: Call, request: "shapes.GetHumanReadableSummaryRequest"
) -> "shapes.GetHumanReadableSummaryResponse":
    """What a request asks for, in words that follow from its policy alone; in English only."""
    arn, locale = request["EntityArn"], request.get("Locale", "en")
    if not arn.startswith(f"arn:{call.partition}:iam::{call.account}:delegation-request/"):
        raise invalid_input(f"The ARN {arn} is not that of a delegation request.")
    found = _visible(call, arn.rpartition("/")[2])
    if not locale.lower().startswith("en"):
        return {"Locale": locale, "SummaryState": "NOT_SUPPORTED"}
    text = summary(found)
    if len(text) > _SUMMARY_LIMIT:
        return {"Locale": locale, "SummaryState": "NOT_AVAILABLE"}
    return {"Locale": locale, "SummaryState": "AVAILABLE", "SummaryContent": text}


def _check_channel(channel: str) -> None:
    if channel.startswith("arn:"):
        raise AwsError(
            "NotImplemented",
            f"Notifications are not published to topics of SNS. Give the channel {CHANNEL} and fetch them.",
            501,
        )
    if channel != CHANNEL:
        raise invalid_input(f"The notification channel must be {CHANNEL}, not {channel}.")


def _remove_expired(call: Call) -> None:
    """Requests of the account that expired a week ago are forgotten."""
    for found in list(call.records.scan(DELEGATION_REQUEST, call.account)):
        if found.expiration + KEPT_EXPIRED <= call.now:
            call.transaction.delete(DELEGATION_REQUEST, call.account, found.id)


def _visible(call: Call, request_id: str) -> DelegationRequest:
    """The request, if it is for the caller's account or for whoever takes it on; raises NoSuchEntity."""
    found = call.records.by_name(DELEGATION_REQUEST, "id", request_id)
    if found is None or found[2].owner_account not in (None, call.account):
        raise no_such_entity(f"The delegation request {request_id} cannot be found.")
    return found[2]


def _in_state(call: Call, request_id: str, *states: str) -> DelegationRequest:
    """The request, which must be in one of these states; raises InvalidInput."""
    found = _visible(call, request_id)
    state = found.state_at(call.now)
    if state not in states:
        raise invalid_input(
            f"The delegation request {request_id} is in the state {state}; {' or '.join(states)} is needed."
        )
    return found


def _approver(call: Call) -> Approver:
    """The caller as it accepts; limits of its session could not be passed on, so it may have none."""
    caller, session = call.caller, call.caller.session
    if caller.kind not in (CallerKind.USER, CallerKind.ROLE_SESSION) or (session and session.limited):
        raise AwsError(
            "AccessDenied",
            f"{caller.arn} cannot accept a delegation request: only a user, or a session of a role without"
            " session policies, can.",
            403,
        )
    return Approver(
        arn=caller.arn,
        kind=caller.kind.value,
        issuer_id=caller.issuer_id,
        name=session.name if session else "",
        source_identity=session.source_identity if session else None,
        tags=session.tags if session else {},
        transitive_tag_keys=session.transitive_tag_keys if session else (),
        provider=session.provider if session else None,
        provider_keys=session.provider_keys if session else {},
        accepted=int(call.now.timestamp()),
    )


def _move(call: Call, found: DelegationRequest, state: str) -> None:
    _put(call, msgspec.structs.replace(found, state=state, update_date=whole_seconds(call)))


def _put(call: Call, found: DelegationRequest) -> None:
    """Store it, and tell the account that made it in the events of both."""
    call.transaction.put(DELEGATION_REQUEST, found.requester, found)
    arn = f"arn:{call.partition}:iam::{found.requester}:delegation-request/{found.id}"
    call.touches("AWS::IAM::DelegationRequest", arn)


def _shape(call: Call, found: DelegationRequest) -> "shapes.DelegationRequest":
    optional: dict[str, Any] = {
        "OwnerAccountId": found.owner_account,
        "OwnerId": found.owner_arn,
        "ApproverId": found.approver.arn if found.approver else None,
        "RequestMessage": found.request_message,
        "RedirectUrl": found.redirect_url,
        "Notes": found.notes,
        "RejectionReason": found.rejection_reason,
    }
    shape: dict[str, Any] = {
        "DelegationRequestId": found.id,
        "Description": found.description,
        "Permissions": {
            "PolicyTemplateArn": found.template_arn,
            "Parameters": [
                {"Name": item.name, "Values": list(item.values), "Type": item.type}
                for item in found.parameters
            ],
        },
        "PermissionPolicy": found.policy,
        "RolePermissionRestrictionArns": boundaries(found.policy),
        "State": found.state_at(call.now),
        "ExpirationTime": found.expiration,
        "RequestorId": found.requester,
        "CreateDate": found.create_date,
        "UpdatedTime": found.update_date,
        "SessionDuration": found.session_duration,
        "OnlySendByOwner": found.only_send_by_owner,
        **{name: value for name, value in optional.items() if value is not None},
    }
    return shape  # type: ignore[return-value]
