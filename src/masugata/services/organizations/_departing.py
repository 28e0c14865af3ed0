"""How an account goes out of an organization, whoever wants it."""

from collections.abc import Callable
from datetime import datetime

from masugata.records.organizations import MEMBER, Member, Organization
from masugata.services.organizations._common import constraint_violation
from masugata.services.organizations._handshakes import cancel_open
from masugata.store import Transaction
from masugata.trail import service_event


def check_no_delegated_administrator(organization: Organization, account_id: str) -> None:
    """Raise CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG if some service has delegated to the account."""
    if organization.delegates_any(account_id):
        raise constraint_violation(
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
            "The account is a delegated administrator: deregister it for each of its services first.",
        )


def depart(
    transaction: Transaction,
    organization: Organization,
    member: Member,
    method: str,
    *,
    now: datetime,
    random: Callable[[int], bytes],
) -> None:
    """Forget a membership, with attachments and tags; `method` is REMOVED, LEFT or CLEANED, for the event.

    What the organization asks of it, such as its consent to all features, is asked no longer.
    """
    management = organization.management_account
    transaction.delete(MEMBER, management, member.id)
    cancel_open(transaction, organization, now, member.id)
    details = {"accountId": member.id, "departureMethod": method, "departureTime": now}
    transaction.emit(
        service_event(
            "organizations", "AccountDepartedOrganization", management, details, now=now, random=random
        )
    )
