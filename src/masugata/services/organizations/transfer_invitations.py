"""Invitations to have an organization's bills managed: who will manage them asks.

Only management accounts ask and are asked. Source:
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing.html
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.limits import limit
from masugata.records.account import Account
from masugata.records.organizations import (
    RESPONSIBILITY_TRANSFER,
    Handshake,
    HandshakeParty,
    HandshakeResource,
    Organization,
    ResponsibilityTransfer,
    organization_of,
)
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    handshake_violation,
    new_id,
    not_in_use,
    not_permitted,
    whole_milliseconds,
)
from masugata.services.organizations._handshakes import (
    TRANSFER_RESPONSIBILITY,
    begin,
    check_rate,
    handshake_shape,
    parties,
    sender,
)
from masugata.services.organizations._recipients import check_not_asked, notes, read_target
from masugata.services.organizations._tagging import read_tags
from masugata.services.organizations._transfer_dates import check_start
from masugata.services.organizations._transfers import announce, check_chain, inbound, outbound, status_at

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def invite_organization_to_transfer_responsibility(
    call: Call, request: "shapes.InviteOrganizationToTransferResponsibilityRequest"
) -> "shapes.InviteOrganizationToTransferResponsibilityResponse":
    """Ask another organization's management account to have its bills managed by the caller's.

    It has 15 days to answer, and until the transfer is to begin. Raises InvalidInputException,
    HandshakeConstraintViolationException, ConstraintViolationException, DuplicateHandshakeException.
    """
    organization = acting_organization(call)
    target, account = read_target(call, request["Target"])
    latest = limit(call.limits, "organizations.responsibility-transfer-months")
    start = check_start(request["StartTimestamp"], call.now, latest)
    tags = read_tags(call, request.get("Tags"))
    _check_all_features(organization)
    source = _check_source(call, account)
    check_not_asked(call, organization, TRANSFER_RESPONSIBILITY, target, account)
    _check_new(call, source, call.account, start)
    _check_inbound(call, call.account, start, pending=True)
    check_rate(call)
    now = whole_milliseconds(call.now)
    transfer = ResponsibilityTransfer(
        id=new_id(call, "rt", 16),
        name=request["SourceName"],
        type=request["Type"],
        source=source,
        target=call.account,
        invited_by="ACCOUNT" if target.type == "ACCOUNT" else "EMAIL",
        start=start,
        handshake=new_id(call, "h", 32),
        tags=tags,
    )
    expiry = timedelta(days=limit(call.limits, "organizations.handshake-expiry"))
    handshake = Handshake(
        id=transfer.handshake,
        organization=organization.id,
        action=TRANSFER_RESPONSIBILITY,
        state="REQUESTED",
        account=source,
        requested=now,
        expiration=min(now + expiry, start),
        parties=parties(organization, target),
        resources=_resources(call, organization, transfer, target, request.get("Notes")),
    )
    _forget_old(call)
    begin(call, handshake)
    call.transaction.put(RESPONSIBILITY_TRANSFER, call.account, transfer)
    return {"Handshake": handshake_shape(call, call.account, handshake)}


def take_effect(call: Call, management: str, handshake: Handshake) -> None:
    """What accepting does: the transfer will begin.

    Raises AccessDeniedException, AWSOrganizationsNotInUseException, HandshakeConstraintViolationException
    and ConstraintViolationException.
    """
    found = call.records.by_name(RESPONSIBILITY_TRANSFER, "handshake", handshake.id)
    if found is None:
        raise RuntimeError(f"the open handshake `{handshake.id}` is of a transfer that is gone")
    transfer = found[2]
    organization = organization_of(call.records, call.account)
    if organization is None:
        raise not_in_use()
    if organization.management_account != call.account:
        raise not_permitted()
    _check_all_features(organization)
    _check_new(call, call.account, management, transfer.start)
    bound = [other for other in outbound(call.records, call.account) if other.binds_at(transfer.start)]
    if len(bound) >= limit(call.limits, "organizations.responsibility-transfers-outbound"):
        raise constraint_violation(
            "RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION",
            "You have exceeded your outbound transfers limit.",
        )
    _check_inbound(call, management, transfer.start, pending=False)
    check_chain(call, transfer)
    accepted = msgspec.structs.replace(transfer, status="ACCEPTED")
    call.transaction.put(RESPONSIBILITY_TRANSFER, management, accepted)
    announce(call, "ResponsibilityTransferAccepted", accepted)


def _check_source(call: Call, account: Account | None) -> str:
    """The account that is asked, which has to be another organization's management account."""
    if account is not None and account.id == call.account:
        raise handshake_violation(
            "SOURCE_AND_TARGET_CANNOT_MATCH",
            "An account can't accept a transfer invitation if it is both the sender and recipient of the "
            "invitation.",
        )
    organization = None if account is None else organization_of(call.records, account.id)
    if account is None or organization is None or organization.management_account != account.id:
        raise handshake_violation(
            "TARGET_ACCOUNT_VALIDATION_FAILURE",
            "Billing transfer is not available for this account: it is not the management account of an "
            "organization.",
        )
    return account.id


def _check_all_features(organization: Organization) -> None:
    if not organization.all_features:
        raise constraint_violation(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "You attempted to perform an operation that requires the organization to be configured to "
            "support all features.",
        )


def _check_new(call: Call, source: str, target: str, start: datetime) -> None:
    if any(other.source == source and other.binds_at(start) for other in inbound(call.records, target)):
        raise handshake_violation(
            "RESPONSIBILITY_TRANSFER_ALREADY_EXISTS",
            "You cannot perform this operation with the current transfer: there is one between the two "
            "accounts at this time.",
        )


def _check_inbound(call: Call, target: str, start: datetime, *, pending: bool) -> None:
    """The quota of inbound transfers; with `pending`, those that are asked for count as well."""
    taken = sum(
        transfer.binds_at(start) or (pending and status_at(call.records, transfer, call.now) == "REQUESTED")
        for transfer in inbound(call.records, target)
    )
    if taken >= limit(call.limits, "organizations.responsibility-transfers-inbound"):
        raise constraint_violation(
            "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION",
            "You have exceeded your inbound transfers limit.",
        )


def _forget_old(call: Call) -> None:
    for transfer in inbound(call.records, call.account):
        if not status_at(call.records, transfer, call.now):
            call.transaction.delete(RESPONSIBILITY_TRANSFER, call.account, transfer.id)


def _resources(
    call: Call,
    organization: Organization,
    transfer: ResponsibilityTransfer,
    target: HandshakeParty,
    text: str | None,
) -> tuple[HandshakeResource, ...]:
    management = HandshakeResource(type="MANAGEMENT_ACCOUNT", value=call.account)
    begins = transfer.start.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        sender(call, organization, "MANAGEMENT", management),
        HandshakeResource(type=target.type, value=target.id),
        HandshakeResource(
            type="RESPONSIBILITY_TRANSFER",
            value=transfer.id,
            resources=(
                HandshakeResource(type="TRANSFER_TYPE", value=transfer.type),
                HandshakeResource(type="TRANSFER_START_TIMESTAMP", value=begins),
            ),
        ),
        *notes(text),
    )
