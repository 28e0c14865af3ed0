"""CloseAccount: from the next request on, nobody is of that account.

Sources: https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.account import ACCOUNT, Account
from masugata.records.organizations import MEMBER, Organization
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    find_member,
)
from masugata.services.organizations._departing import check_no_delegated_administrator

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def close_account(call: Call, request: "shapes.CloseAccountRequest") -> dict[str, object]:
    """Begin to close a member account: it is PENDING_CLOSURE, then CLOSED, and after 90 days gone.

    Raises AccountNotFoundException, AccountAlreadyClosedException, ConflictException while it is being
    closed, and ConstraintViolationException (CANNOT_CLOSE_MANAGEMENT_ACCOUNT,
    CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG, CLOSE_ACCOUNT_QUOTA_EXCEEDED,
    CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED, ORGANIZATION_NOT_IN_ALL_FEATURES_MODE).
    """
    organization = acting_organization(call)
    member, account = find_member(call, organization, request["AccountId"])
    if account.id == organization.management_account:
        raise constraint_violation(
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You can't close the management account of an organization."
        )
    if not organization.all_features:
        raise constraint_violation(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "Accounts can be closed only in an organization that has all features enabled.",
        )
    if account.state == "PENDING_CLOSURE":
        raise AwsError("ConflictException", "The account is being closed already.", 400)
    if not account.active:
        raise AwsError("AccountAlreadyClosedException", "The account is closed already.", 400)
    check_no_delegated_administrator(organization, account.id)
    _check_quota(call, organization)
    closing = msgspec.structs.replace(account, state="PENDING_CLOSURE", closed=call.now)
    call.transaction.put(ACCOUNT, account.id, closing)
    closed = msgspec.structs.replace(member, closed=call.now)
    call.transaction.put(MEMBER, organization.management_account, closed)
    call.touches("AWS::Organizations::Account", account.id)
    return {}


def _check_quota(call: Call, organization: Organization) -> None:
    """At most a few at a time, and a part of all member accounts in some weeks."""
    accounts = _member_accounts(call, organization)
    pending = sum(account.state == "PENDING_CLOSURE" for account in accounts)
    if pending >= limit(call.limits, "organizations.accounts-in-closing"):
        raise constraint_violation(
            "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
            "You have exceeded the number of accounts that you can close at a time.",
        )
    days = limit(call.limits, "organizations.accounts-closed-window")
    since = call.now - timedelta(days=days)
    recent = sum(account.closed is not None and account.closed > since for account in accounts)
    part = len(accounts) * limit(call.limits, "organizations.accounts-closed-percent") // 100
    part = max(part, limit(call.limits, "organizations.accounts-closed-at-least"))
    if recent >= min(part, limit(call.limits, "organizations.accounts-closed-at-most")):
        raise constraint_violation(
            "CLOSE_ACCOUNT_QUOTA_EXCEEDED",
            f"You have exceeded the close account quota for the past {days} days.",
        )


def _member_accounts(call: Call, organization: Organization) -> list[Account]:
    """The accounts of all members but the management account."""
    members = call.records.scan(MEMBER, organization.management_account)
    found = [call.records.get(ACCOUNT, member.id, member.id) for member in members]
    return [
        account for account in found if account is not None and account.id != organization.management_account
    ]
