"""How many accounts an organization has, and may have.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html, where closed
accounts and open invitations count too.
"""

from collections.abc import Mapping
from datetime import datetime

from masugata.limits import limit
from masugata.records.organizations import (
    CREATE_ACCOUNT_REQUEST,
    MEMBER,
    CreateAccountRequest,
    Organization,
)
from masugata.services.organizations._common import constraint_violation
from masugata.services.organizations._handshakes import INVITE, open_handshakes
from masugata.store import Records


def requests_in_progress(records: Records, organization: Organization) -> list[CreateAccountRequest]:
    """The accounts that are being created, by id."""
    management = organization.management_account
    found = records.referring(CREATE_ACCOUNT_REQUEST, management, "state", "IN_PROGRESS")
    return [request for request in found if request.organization == organization.id]


def check_account_quota(
    records: Records, organization: Organization, limits: Mapping[str, int], now: datetime
) -> None:
    """Raise ACCOUNT_NUMBER_LIMIT_EXCEEDED unless there may be one account, or one invitation, more.

    The management account, closed accounts, those that are being created, and open invitations count.
    """
    management = organization.management_account
    invited = open_handshakes(records, organization, INVITE, now)
    expected = len(invited) + len(requests_in_progress(records, organization))
    if records.count(MEMBER, management) + expected >= limit(limits, "organizations.accounts"):
        raise constraint_violation(
            "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
            "You have exceeded the allowed number of AWS accounts.",
        )


def is_full(records: Records, organization: Organization, limits: Mapping[str, int]) -> bool:
    """Whether the organization has all the accounts that it may have."""
    members = records.count(MEMBER, organization.management_account)
    return members >= limit(limits, "organizations.accounts")
