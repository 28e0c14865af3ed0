"""What becomes of accounts to close: they are closed at once, and out of the organization 90 days later."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from masugata.call import DueWork
from masugata.limits import limit
from masugata.records.account import ACCOUNT, Account
from masugata.records.organizations import MEMBER, Member, Organization, organization_of
from masugata.services.organizations._departing import depart
from masugata.store import Records, Transaction
from masugata.trail import service_event

_AT_ONCE = 50  # accounts in one transaction


class _Step(NamedTuple):
    """What is next for an account that is no longer active: to be closed, or to be forgotten."""

    due: datetime
    account: Account
    member: Member | None
    organization: Organization | None


def _steps(records: Records, limits: Mapping[str, int]) -> Iterator[_Step]:
    for id_, _ in records.partitions(ACCOUNT):
        account = records.get(ACCOUNT, id_, id_)
        if account is None or account.active or account.closed is None:
            continue
        found = records.by_name(MEMBER, "account", id_)
        member, organization = (None if found is None else found[2]), organization_of(records, id_)
        if account.state == "PENDING_CLOSURE":
            yield _Step(account.closed, account, member, organization)
        elif member is not None:
            days = timedelta(days=limit(limits, "organizations.account-closing"))
            yield _Step(account.closed + days, account, member, organization)


def _next_due(records: Records, limits: Mapping[str, int]) -> datetime | None:
    return min((step.due for step in _steps(records, limits)), default=None)


def _close_due(
    transaction: Transaction, now: datetime, random: Callable[[int], bytes], limits: Mapping[str, int]
) -> int:
    due = [step for step in _steps(transaction, limits) if step.due <= now][:_AT_ONCE]
    for step in due:
        if step.account.state == "PENDING_CLOSURE":
            _close(transaction, step, now, random)
        elif step.member is not None and step.organization is not None:
            depart(transaction, step.organization, step.member, "CLEANED", now=now, random=random)
    return len(due)


def _close(transaction: Transaction, step: _Step, now: datetime, random: Callable[[int], bytes]) -> None:
    account = step.account
    transaction.put(ACCOUNT, account.id, msgspec.structs.replace(account, state="CLOSED"))
    if step.organization is None:  # its management account is whose event it is
        return
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
