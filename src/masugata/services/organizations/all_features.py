"""How an organization for consolidated billing gets all features: its invited members have to agree.

The management account's handshake ENABLE_ALL_FEATURES is REQUESTED while members are asked, and OPEN once it
can finish by accepting it. Each invited member is asked by a handshake APPROVE_ALL_FEATURES, each created one
that lost the role of Organizations by ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE; others are not asked.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org_support-all-features.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.iam import LINKED_ROLES, ROLE
from masugata.records.organizations import (
    HANDSHAKE,
    MEMBER,
    ORGANIZATION,
    Handshake,
    HandshakeParty,
    HandshakeResource,
    Member,
    Organization,
)
from masugata.services.organizations._common import (
    ORGANIZATIONS_PRINCIPAL,
    acting_organization,
    constraint_violation,
    handshake_violation,
    new_id,
    whole_milliseconds,
)
from masugata.services.organizations._handshakes import (
    ADD_LINKED_ROLE,
    APPROVE_ALL_FEATURES,
    ENABLE_ALL_FEATURES,
    INVITE,
    all_approved,
    begin,
    end,
    handshake_shape,
    open_handshakes,
    open_if_answered,
    parties,
    pending_all_features,
)
from masugata.services.organizations._joining import add_linked_role
from masugata.services.organizations._linked_role import authorize_linked_role

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_LINKED_ROLE: Final = LINKED_ROLES[ORGANIZATIONS_PRINCIPAL].name(None).lower()


def enable_all_features(
    call: Call, request: "shapes.EnableAllFeaturesRequest"
) -> "shapes.EnableAllFeaturesResponse":
    """Ask the members for their consent to all features; they have 90 days.

    Open invitations are cancelled, since whom they ask was told of consolidated billing only. Raises
    HandshakeConstraintViolationException and ConstraintViolationException.
    """
    del request
    organization = acting_organization(call)
    _check_may_begin(call, organization)
    now = whole_milliseconds(call.now)
    parent = Handshake(
        id=new_id(call, "h", 32),
        organization=organization.id,
        action=ENABLE_ALL_FEATURES,
        state="REQUESTED",
        account=call.account,
        requested=now,
        expiration=now + timedelta(days=limit(call.limits, "organizations.enable-all-features-expiry")),
        parties=parties(organization),
        resources=(HandshakeResource(type="ORGANIZATION", value=organization.id),),
    )
    begin(call, parent)
    for invitation in open_handshakes(call.records, organization, INVITE, call.now):
        end(call.transaction, call.account, invitation, "CANCELED", call.now)
    for member in call.records.scan(MEMBER, call.account):
        action = _to_ask(call, member)
        if action is not None:
            call.transaction.put(
                HANDSHAKE, call.account, _question(call, organization, parent, member, action)
            )
    open_if_answered(call.transaction, organization, parent)
    stored = call.records.get(HANDSHAKE, call.account, parent.id) or parent
    return {"Handshake": handshake_shape(call, call.account, stored)}


def restore_linked_role(call: Call, management: str, handshake: Handshake) -> None:
    """What consenting does in the member's account: Organizations' role is there again.

    Raises AccessDeniedForDependencyException.
    """
    del management, handshake
    if call.records.get(ROLE, call.account, _LINKED_ROLE) is not None:
        return
    authorize_linked_role(call)
    add_linked_role(call.transaction, call.account, ORGANIZATIONS_PRINCIPAL, now=call.now, random=call.random)


def finish(call: Call, management: str, handshake: Handshake) -> None:
    """What accepting the management account's handshake does: the organization has all features."""
    organization = call.records.get(ORGANIZATION, management, handshake.organization)
    if organization is None:
        raise RuntimeError(f"the open handshake `{handshake.id}` is of an organization that is gone")
    if not all_approved(call.records, organization, handshake):
        raise AwsError(
            "InvalidHandshakeTransitionException",
            "Not all invited accounts have approved enabling all features.",
            400,
        )
    call.transaction.put(ORGANIZATION, management, msgspec.structs.replace(organization, all_features=True))


def look_again(call: Call, management: str, answered: Handshake) -> None:
    """Open the management account's handshake if this was the last answer that it waited for."""
    parent = call.records.get(HANDSHAKE, management, answered.parent) if answered.parent else None
    organization = call.records.get(ORGANIZATION, management, answered.organization)
    if parent is not None and organization is not None and parent.is_open(call.now):
        open_if_answered(call.transaction, organization, parent)


def _check_may_begin(call: Call, organization: Organization) -> None:
    if organization.all_features:
        raise handshake_violation(
            "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
            "The handshake request is invalid because the organization has already enabled all features.",
        )
    if pending_all_features(call.records, organization, call.now) is not None:
        raise handshake_violation(
            "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
            "The handshake request is invalid because the organization has already started the process to "
            "enable all features.",
        )
    most = limit(call.limits, "organizations.enable-all-features-accounts")
    if call.records.count(MEMBER, call.account) > most:
        raise constraint_violation(
            "ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED",
            f"Your organization has more than {most} accounts.",
        )


def _to_ask(call: Call, member: Member) -> str | None:
    """The action of the handshake that a member has to accept, if it has to."""
    if member.id == call.account:
        return None
    if member.joined_method == "INVITED":
        return APPROVE_ALL_FEATURES
    return ADD_LINKED_ROLE if call.records.get(ROLE, member.id, _LINKED_ROLE) is None else None


def _question(
    call: Call, organization: Organization, parent: Handshake, member: Member, action: str
) -> Handshake:
    return Handshake(
        id=new_id(call, "h", 32),
        organization=organization.id,
        action=action,
        state="OPEN",
        account=member.id,
        parent=parent.id,
        requested=parent.requested,
        expiration=parent.expiration,
        parties=parties(organization, HandshakeParty(id=member.id, type="ACCOUNT")),
        resources=(
            HandshakeResource(type="PARENT_HANDSHAKE", value=parent.id),
            HandshakeResource(type="ORGANIZATION", value=organization.id),
            HandshakeResource(type="ACCOUNT", value=member.id),
        ),
    )
