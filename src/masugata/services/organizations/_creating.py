"""Making the accounts that were asked for, once they are due."""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec
import orjson

from masugata.call import DueWork
from masugata.identity.identifiers import unique_id
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ROLE, Role
from masugata.records.organizations import (
    CREATE_ACCOUNT_REQUEST,
    ORGANIZATION,
    CreateAccountRequest,
    Organization,
    account_with_email,
)
from masugata.services.organizations._common import whole_milliseconds
from masugata.services.organizations._joining import join
from masugata.services.organizations._quota import is_full
from masugata.store import Records, Transaction
from masugata.trail import service_event

ACCOUNT_ID_TAG = "masugata:account-id"
"""Ours: a tag of CreateAccount that chooses the id, so that tests and files have the same one each time."""

_AT_ONCE = 50  # accounts in one transaction
_DRAWS = 100  # of ids; even the second is unlikely
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html, the rules for Email.
_EMAIL = re.compile(r"(?!\.)[!-~]+@(?![.-])[A-Za-z0-9.-]*[A-Za-z0-9]\.[A-Za-z0-9.-]*[A-Za-z0-9]", re.ASCII)
_NOT_IN_LOCAL_NAME = frozenset("\"'()<>[]:;,\\|%&@")

_log = logging.getLogger(__name__)


def _next_due(records: Records, limits: Mapping[str, int]) -> datetime | None:
    del limits
    return min((asked.due for _, asked in _in_progress(records)), default=None)


def _in_progress(records: Records) -> list[tuple[str, CreateAccountRequest]]:
    """All requests that wait, with their management accounts."""
    return [
        (management, asked)
        for management, _ in records.partitions(CREATE_ACCOUNT_REQUEST)
        for asked in records.referring(CREATE_ACCOUNT_REQUEST, management, "state", "IN_PROGRESS")
    ]


def _create_due(
    transaction: Transaction, now: datetime, random: Callable[[int], bytes], limits: Mapping[str, int]
) -> int:
    """End the requests that are due, the oldest first."""
    due = [(asked.requested, asked.id, management, asked) for management, asked in _in_progress(transaction)]
    due = sorted(entry for entry in due if entry[3].due <= now)[:_AT_ONCE]
    for _, _, management, asked in due:
        _end(transaction, management, asked, now, random, limits)
    return len(due)


def _end(
    transaction: Transaction,
    management: str,
    asked: CreateAccountRequest,
    now: datetime,
    random: Callable[[int], bytes],
    limits: Mapping[str, int],
) -> None:
    """Make the account or say why not; whatever goes wrong with one request must not hold up the others."""
    before = transaction.savepoint()
    try:
        account_id, reason = _make(transaction, management, asked, now, random, limits)
    except Exception:  # noqa: BLE001  # see above, and the caller learns that it failed
        _log.exception("the account of the request %s could not be made", asked.id)
        transaction.rollback(before)
        account_id, reason = asked.account_id, "INTERNAL_FAILURE"
    ended = msgspec.structs.replace(
        asked,
        state="SUCCEEDED" if reason is None else "FAILED",
        account_id=account_id,
        completed=whole_milliseconds(now),
        failure_reason=reason,
    )
    transaction.put(CREATE_ACCOUNT_REQUEST, management, ended)
    details = {"createAccountStatus": _details(ended)}
    transaction.emit(
        service_event("organizations", "CreateAccountResult", management, details, now=now, random=random)
    )


def _make(
    transaction: Transaction,
    management: str,
    asked: CreateAccountRequest,
    now: datetime,
    random: Callable[[int], bytes],
    limits: Mapping[str, int],
) -> tuple[str, str | None]:
    """The id of the new account, or one of CreateAccountFailureReason."""
    organization = transaction.get(ORGANIZATION, management, asked.organization)
    account_id, reason = _checked(transaction, organization, asked, limits)
    if organization is None or reason is not None:
        return account_id, reason
    if transaction.get(ACCOUNT, account_id, account_id) is not None:  # somebody else got it meanwhile
        account_id = draw_account_id(transaction, random)
    account = Account(
        id=account_id,
        partition=asked.partition,
        root_email=asked.email,
        create_date=now.replace(microsecond=0),
        name=asked.account_name,
    )
    transaction.put(ACCOUNT, account_id, account)
    transaction.put(ROLE, account_id, _access_role(account, management, asked.role_name, random))
    join(transaction, organization, account_id, "CREATED", now=now, random=random, tags=asked.tags)
    return account_id, None


def _checked(
    records: Records,
    organization: Organization | None,
    asked: CreateAccountRequest,
    limits: Mapping[str, int],
) -> tuple[str, str | None]:
    """The id that was planned, and why there can be no such account."""
    chosen = any(tag.key == ACCOUNT_ID_TAG for tag in asked.tags)
    reason = None
    if organization is None:  # deleted meanwhile
        reason = "CONCURRENT_ACCOUNT_MODIFICATION"
    elif not is_email(asked.email):
        reason = "INVALID_EMAIL"
    elif account_with_email(records, asked.email) is not None:
        reason = "EMAIL_ALREADY_EXISTS"
    elif is_full(records, organization, limits):
        reason = "ACCOUNT_LIMIT_EXCEEDED"
    elif chosen and records.get(ACCOUNT, asked.account_id, asked.account_id) is not None:
        reason = "CONCURRENT_ACCOUNT_MODIFICATION"
    return asked.account_id, reason


def is_email(address: str) -> bool:
    """Whether CreateAccount takes this as an e-mail address."""
    local, _, domain = address.partition("@")
    whole = _EMAIL.fullmatch(address) is not None and not _NOT_IN_LOCAL_NAME.intersection(local)
    return whole and "@" not in domain


def _access_role(account: Account, management: str, name: str, random: Callable[[int], bytes]) -> Role:
    """The role by which the management account's principals are administrators of the new one."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{account.partition}:iam::{management}:root"},
        "Action": "sts:AssumeRole",
    }
    return Role(
        name=name,
        id=unique_id("AROA", random),
        create_date=account.create_date,
        trust_policy=orjson.dumps({"Version": "2012-10-17", "Statement": [trust]}).decode(),
        attached_policies=(f"arn:{account.partition}:iam::aws:policy/AdministratorAccess",),
    )


def draw_account_id(records: Records, random: Callable[[int], bytes]) -> str:
    """Twelve random digits that no account has."""
    for _ in range(_DRAWS):
        drawn = f"{int.from_bytes(random(16)) % 10**12:012d}"
        if records.get(ACCOUNT, drawn, drawn) is None:
            return drawn
    raise RuntimeError("no account id is free, or what is random is not")


def _details(ended: CreateAccountRequest) -> dict[str, object]:
    """A request as its CreateAccountResult event shows it."""
    details: dict[str, object] = {
        "id": ended.id,
        "state": ended.state,
        "accountName": "****",
        "requestedTimestamp": ended.requested,
        "completedTimestamp": ended.completed,
    }
    if ended.failure_reason is not None:
        return {**details, "failureReason": ended.failure_reason}
    return {**details, "accountId": ended.account_id}


CREATIONS = DueWork((CREATE_ACCOUNT_REQUEST,), _next_due, _create_due)
