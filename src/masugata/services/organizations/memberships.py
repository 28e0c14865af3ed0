"""Operations by which an account is no longer in its organization.

Nothing of the organization is kept for it: attachments and tags are part of the membership. What the account
itself has stays, the roles that the organization made and their sessions included.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_remove.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.account import Account
from masugata.records.organizations import Member, Organization
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    find_member,
    invalid_input,
)
from masugata.services.organizations._departing import check_no_delegated_administrator, depart

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def remove_account_from_organization(
    call: Call, request: "shapes.RemoveAccountFromOrganizationRequest"
) -> dict[str, object]:
    """Make a member account stand alone; raises as `_remove`, and AccountNotFoundException."""
    organization = acting_organization(call)
    member, account = find_member(call, organization, request["AccountId"])
    _remove(call, organization, member, account, "REMOVED")
    return {}


def leave_organization(call: Call, request: object) -> dict[str, object]:
    """Make the caller's own account stand alone; raises as `_remove`."""
    del request
    leave(call, acting_organization(call))
    return {}


def leave(call: Call, organization: Organization) -> None:
    """Take the caller's own account out of its organization; raises as `_remove`."""
    member, account = find_member(call, organization, call.account)
    _remove(call, organization, member, account, "LEFT")


def _remove(call: Call, organization: Organization, member: Member, account: Account, method: str) -> None:
    """End a membership.

    Raises MasterCannotLeaveOrganizationException, InvalidInputException (TARGET_NOT_SUPPORTED, for an
    account that is closed) and ConstraintViolationException (WAIT_PERIOD_ACTIVE,
    CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG).
    """
    if member.id == organization.management_account:
        raise AwsError(
            "MasterCannotLeaveOrganizationException",
            "You can't remove the management account from an organization. To make it leave, remove all "
            "member accounts and delete the organization.",
            400,
        )
    if not account.active:
        raise invalid_input(
            "TARGET_NOT_SUPPORTED", "A closed account can't be removed from its organization."
        )
    check_no_delegated_administrator(organization, member.id)
    _check_age(call, member, account)
    depart(call.transaction, organization, member, method, now=call.now, random=call.random)
    call.touches("AWS::Organizations::Account", member.id)


def _check_age(call: Call, member: Member, account: Account) -> None:
    """Those that were created in the organization have to stay for some days; invited ones do not."""
    if member.joined_method != "CREATED":
        return
    days = limit(call.limits, "organizations.account-age-before-leaving")
    if call.now < account.create_date + timedelta(days=days):
        raise constraint_violation(
            "WAIT_PERIOD_ACTIVE",
            f"The account was created less than {days} days ago, so it can't be removed yet.",
        )
