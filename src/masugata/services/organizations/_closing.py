"""What becomes of accounts to close: they are closed at once, and out of the organization 90 days later."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from masugata.call import DueWork
from masugata.limits import limit
from masugata.records.account import ACCOUNT, Account
from masugata.records.organizations import CLOSED, MEMBER, ORGANIZATION, Member, Organization
from masugata.services.organizations._departing import depart
from masugata.store import Records, Transaction
from masugata.trail import service_event

_AT_ONCE = 50  # accounts in one transaction
_DAYS = "organizations.account-closing"


class _Step(NamedTuple):
    """What is next for an account that is not active any more: to be closed, or to be forgotten."""

    due: datetime
    account: Account
    member: Member
    organization: Organization


def _steps(records: Records, limits: Mapping[str, int]) -> Iterator[_Step]:
    for management, _ in records.partitions(MEMBER):
        for member in records.referring(MEMBER, management, *CLOSED):
            account = records.get(ACCOUNT, member.id, member.id)
            organization = records.get(ORGANIZATION, management, member.organization)
            if account is None or account.active or member.closed is None or organization is None:
                continue
            days = 0 if account.state == "PENDING_CLOSURE" else limit(limits, _DAYS)
            yield _Step(member.closed + timedelta(days=days), account, member, organization)


def _next_due(records: Records, limits: Mapping[str, int]) -> datetime | None:
    return min((step.due for step in _steps(records, limits)), default=None)


def _close_due(
    transaction: Transaction, now: datetime, random: Callable[[int], bytes], limits: Mapping[str, int]
) -> int:
    due = [step for step in _steps(transaction, limits) if step.due <= now][:_AT_ONCE]
    for step in due:
        if step.account.state == "PENDING_CLOSURE":
            _close(transaction, step, now, random)
        else:
            depart(transaction, step.organization, step.member, "CLEANED", now=now, random=random)
    return len(due)


def _close(transaction: Transaction, step: _Step, now: datetime, random: Callable[[int], bytes]) -> None:
    account = step.account
    transaction.put(ACCOUNT, account.id, msgspec.structs.replace(account, state="CLOSED"))
    details = {
        "closeAccountStatus": {
            "accountId": account.id,
            "state": "SUCCEEDED",
            "requestedTimestamp": account.closed,
            "completedTimestamp": now,
        }
    }
    management = step.organization.management_account
    transaction.emit(
        service_event("organizations", "CloseAccountResult", management, details, now=now, random=random)
    )


CLOSURES = DueWork((ACCOUNT, MEMBER), _next_due, _close_due)
