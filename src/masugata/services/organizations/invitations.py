"""Invitations of accounts into an organization.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.account import ACCOUNT, Account
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    Handshake,
    HandshakeResource,
    Organization,
    organization_of,
)
from masugata.services.organizations._common import (
    acting_organization,
    handshake_violation,
    new_id,
    whole_milliseconds,
)
from masugata.services.organizations._handshakes import (
    INVITE,
    begin,
    check_rate,
    handshake_shape,
    open_handshakes,
    parties,
    pending_all_features,
    sender,
)
from masugata.services.organizations._joining import join
from masugata.services.organizations._linked_role import authorize_linked_role
from masugata.services.organizations._quota import requests_in_progress
from masugata.services.organizations._recipients import check_not_asked, notes, read_target
from masugata.services.organizations._tag_policies import created_tags
from masugata.services.organizations.memberships import leave

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def invite_account_to_organization(
    call: Call, request: "shapes.InviteAccountToOrganizationRequest"
) -> "shapes.InviteAccountToOrganizationResponse":
    """Ask an account to join; it has 15 days to answer.

    Raises InvalidInputException, HandshakeConstraintViolationException, DuplicateHandshakeException and what
    `created_tags` raises.
    """
    organization = acting_organization(call)
    target, account = read_target(call, request["Target"])
    tags = created_tags(call, organization, "organizations:account", request.get("Tags"))
    if pending_all_features(call.records, organization, call.now) is not None:
        raise handshake_violation(
            "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
            "You can't issue new invitations to join an organization while it's in the process of enabling "
            "all features.",
        )
    if account is not None:
        _check_may_join(call, organization, account)
    check_not_asked(call, organization, INVITE, target, account)
    _check_room(call, organization, len(open_handshakes(call.records, organization, INVITE, call.now)))
    check_rate(call)
    features = "ALL" if organization.all_features else "CONSOLIDATED_BILLING"
    now = whole_milliseconds(call.now)
    handshake = Handshake(
        id=new_id(call, "h", 32),
        organization=organization.id,
        action=INVITE,
        state="OPEN",
        requested=now,
        expiration=now + timedelta(days=limit(call.limits, "organizations.handshake-expiry")),
        parties=parties(organization, target),
        resources=(
            sender(
                call,
                organization,
                "MASTER",
                HandshakeResource(type="ORGANIZATION_FEATURE_SET", value=features),
            ),
            HandshakeResource(type=target.type, value=target.id),
            *notes(request.get("Notes")),
        ),
        tags=tags,
        account=target.id if target.type == "ACCOUNT" else "",
        email=target.id.lower() if target.type == "EMAIL" else "",
    )
    begin(call, handshake)
    return {"Handshake": handshake_shape(call, organization.management_account, handshake)}


def join_organization(call: Call, management: str, handshake: Handshake) -> None:
    """What accepting an invitation does: the account becomes a member, with the tags given.

    One that is in another organization leaves that, which it must be allowed to do as well. Raises
    HandshakeConstraintViolationException, AccessDeniedForDependencyException, and what leaving raises.
    """
    organization = call.records.get(ORGANIZATION, management, handshake.organization)
    account = call.records.get(ACCOUNT, call.account, call.account)
    if organization is None or account is None:
        raise RuntimeError(f"the open invitation `{handshake.id}` is of an organization that is gone")
    _check_may_join(call, organization, account)
    if pending_all_features(call.records, organization, call.now) is not None:
        raise handshake_violation(
            "INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
            "You can't join an organization while it's in the process of enabling all features.",
        )
    _check_room(call, organization, 0)
    present = organization_of(call.records, call.account)
    if present is not None:
        call.authorize("organizations:LeaveOrganization", "*")
    if organization.all_features:
        authorize_linked_role(call)
    if present is not None:
        leave(call, present)
    join(
        call.transaction,
        organization,
        call.account,
        "INVITED",
        now=call.now,
        random=call.random,
        tags=handshake.tags,
    )


def _check_may_join(call: Call, organization: Organization, account: Account) -> None:
    """Whether an account could be a member of this organization, and is not yet."""
    management = organization.management_account
    if call.records.get(MEMBER, management, account.id) is not None:
        raise _already_in_an_organization()
    owner = call.records.get(ACCOUNT, management, management)
    if owner is not None and owner.partition != account.partition:
        raise handshake_violation(
            "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
            "You can only join an organization that operates in the same AWS partition as your account.",
        )


def _check_room(call: Call, organization: Organization, invited: int) -> None:
    """Whether one more account fits in, beside those that are there, invited or being created."""
    management = organization.management_account
    creating = requests_in_progress(call.records, organization)
    accounts = call.records.count(MEMBER, management) + len(creating) + invited
    if accounts >= limit(call.limits, "organizations.accounts"):
        raise handshake_violation(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
            "You attempted to exceed the limit on the number of accounts in an organization.",
        )


def _already_in_an_organization() -> AwsError:
    return handshake_violation(
        "ALREADY_IN_AN_ORGANIZATION",
        "The handshake request is invalid because the invited account is already a member of an "
        "organization.",
    )
