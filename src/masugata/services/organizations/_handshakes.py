"""What the operations on handshakes share: how they begin, end, are found and shown.

Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Handshake.html
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.account import ACCOUNT
from masugata.records.organizations import (
    HANDSHAKE,
    MEMBER,
    Handshake,
    HandshakeParty,
    HandshakeResource,
    Organization,
    organization_of,
    recipient_of,
)
from masugata.services.organizations._common import handshake_violation
from masugata.store import Records, Transaction

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

INVITE: Final = "INVITE"
ENABLE_ALL_FEATURES: Final = "ENABLE_ALL_FEATURES"
APPROVE_ALL_FEATURES: Final = "APPROVE_ALL_FEATURES"
ADD_LINKED_ROLE: Final = "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE"
TRANSFER_RESPONSIBILITY: Final = "TRANSFER_RESPONSIBILITY"
KEPT: Final = timedelta(days=30)
"""How long AWS shows a handshake that is over."""
_DAY: Final = timedelta(days=1)


def is_shown(handshake: Handshake, now: datetime) -> bool:
    """Whether a handshake is still there for its parties: one that is over is for 30 days."""
    return handshake.is_open(now) or now < (handshake.ended or handshake.expiration) + KEPT


def may_see(call: Call, handshake: Handshake, management: str) -> bool:
    """Whether the caller's account sent it, for its organization, or is asked."""
    if call.account in {management, recipient_of(call.records, handshake)}:
        return True
    organization = organization_of(call.records, call.account)
    return (
        organization is not None
        and organization.id == handshake.organization
        and organization.delegates_any(call.account)
    )


def find_handshake(call: Call, handshake_id: str) -> tuple[str, Handshake]:
    """The management account that sent a handshake, and the handshake.

    Raises HandshakeNotFoundException, to whoever has no part in it as well.
    """
    found = call.records.by_name(HANDSHAKE, "id", handshake_id)
    if found is None or not is_shown(found[2], call.now) or not may_see(call, found[2], found[0]):
        raise AwsError(
            "HandshakeNotFoundException",
            f"We can't find a handshake with the HandshakeId that you specified: {handshake_id}.",
            400,
        )
    return found[0], found[2]


def check_rate(call: Call) -> None:
    """Raise HandshakeConstraintViolationException where an organization has sent too many in one day."""
    since = call.now - _DAY
    sent = sum(
        handshake.requested > since
        for action in (INVITE, TRANSFER_RESPONSIBILITY)
        for handshake in call.records.referring(HANDSHAKE, call.account, "action", action)
    )
    if sent >= limit(call.limits, "organizations.handshakes-per-day"):
        raise handshake_violation(
            "HANDSHAKE_RATE_LIMIT_EXCEEDED",
            "You attempted to exceed the number of handshakes that you can send in one day.",
        )


def begin(call: Call, handshake: Handshake) -> Handshake:
    """Store a new handshake, and forget those of its sender that nobody is shown any more."""
    for old in list(call.records.scan(HANDSHAKE, call.account)):
        parent = call.records.get(HANDSHAKE, call.account, old.parent) if old.parent else None
        # An answer counts as long as the question as a whole is open, however long ago it was given.
        counts = parent is not None and parent.is_open(call.now)
        if not is_shown(old, call.now) and not counts:
            call.transaction.delete(HANDSHAKE, call.account, old.id)
    call.transaction.put(HANDSHAKE, call.account, handshake)
    call.touches("AWS::Organizations::Handshake", handshake.id)
    return handshake


def end(
    transaction: Transaction, management: str, handshake: Handshake, state: str, now: datetime, by: str = ""
) -> Handshake:
    """Store the last state of a handshake; `by` is the account that answered."""
    ended = msgspec.structs.replace(handshake, state=state, ended=now, account=by or handshake.account)
    transaction.put(HANDSHAKE, management, ended)
    return ended


def cancel_open(transaction: Transaction, organization: Organization, now: datetime, account: str) -> None:
    """Cancel what an organization has asked of an account and nobody has answered.

    For one that leaves, after its membership was deleted: nobody waits for its consent to all features any
    more. Invitations of others to that account stay, as do its own answers.
    """
    management = organization.management_account
    for handshake in transaction.referring(HANDSHAKE, management, "account", account):
        if handshake.organization == organization.id and handshake.is_open(now):
            end(transaction, management, handshake, "CANCELED", now)
    pending = pending_all_features(transaction, organization, now)
    if pending is not None:
        open_if_answered(transaction, organization, pending)


def open_handshakes(
    records: Records, organization: Organization, action: str, now: datetime
) -> list[Handshake]:
    """What an organization asks and waits for."""
    return [
        handshake
        for handshake in records.referring(HANDSHAKE, organization.management_account, "action", action)
        if handshake.organization == organization.id and handshake.is_open(now)
    ]


def pending_all_features(records: Records, organization: Organization, now: datetime) -> Handshake | None:
    """The handshake by which an organization is enabling all features, if it is."""
    return next(iter(open_handshakes(records, organization, ENABLE_ALL_FEATURES, now)), None)


def all_approved(records: Records, organization: Organization, parent: Handshake) -> bool:
    """Whether every account that was asked for its consent gave it, or is no member any more."""
    management = organization.management_account
    return all(
        handshake.state == "ACCEPTED" or records.get(MEMBER, management, handshake.account) is None
        for handshake in records.referring(HANDSHAKE, management, "parent", parent.id)
    )


def open_if_answered(transaction: Transaction, organization: Organization, parent: Handshake) -> None:
    """Let the management account finish enabling all features once all members agree."""
    if parent.state == "REQUESTED" and all_approved(transaction, organization, parent):
        opened = msgspec.structs.replace(parent, state="OPEN")
        transaction.put(HANDSHAKE, organization.management_account, opened)


def sender(
    call: Call, organization: Organization, prefix: str, *further: HandshakeResource
) -> HandshakeResource:
    """The resource that says who asks: the organization, with address and name of its management account.

    `prefix` is that of their types, MASTER or MANAGEMENT.
    """
    management = organization.management_account
    account = call.records.get(ACCOUNT, management, management)
    email = "" if account is None else account.root_email
    name = management if account is None else account.shown_name
    return HandshakeResource(
        type="ORGANIZATION",
        value=organization.id,
        resources=(
            HandshakeResource(type=f"{prefix}_EMAIL", value=email),
            HandshakeResource(type=f"{prefix}_NAME", value=name),
            *further,
        ),
    )


def parties(organization: Organization, *others: HandshakeParty) -> tuple[HandshakeParty, ...]:
    """The organization that asks, and who is asked."""
    return HandshakeParty(id=organization.id, type="ORGANIZATION"), *others


def handshake_shape(call: Call, management: str, handshake: Handshake) -> "shapes.Handshake":
    """A handshake as it is answered."""
    path = f"handshake/{handshake.organization}/{handshake.action.lower()}/{handshake.id}"
    return {
        "Id": handshake.id,
        "Arn": f"arn:{call.partition}:organizations::{management}:{path}",
        "Parties": [{"Id": party.id, "Type": party.type} for party in handshake.parties],
        "State": handshake.state_at(call.now),
        "RequestedTimestamp": handshake.requested,
        "ExpirationTimestamp": handshake.expiration,
        "Action": handshake.action,
        "Resources": [_resource_shape(resource) for resource in handshake.resources],
    }


def _resource_shape(resource: HandshakeResource) -> "shapes.HandshakeResource":
    shape: shapes.HandshakeResource = {"Type": resource.type, "Value": resource.value}
    if resource.resources:
        shape["Resources"] = [_resource_shape(inner) for inner in resource.resources]
    return shape
