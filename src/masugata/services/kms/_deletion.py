"""What becomes of keys whose window has ended: everything about them is deleted, in one transaction.

A key that is gone takes its material, grants, aliases and last use with it, in its Region; a replica is
taken from the list of its primary, whose own window begins when that was the last one. Of very many grants
some follow, which mean nothing without their key. The store overwrites what it deletes (`Kind.secret`), and
the keeper is told to forget what it has opened.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html and .../ct-delete-key.html
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from masugata.call import DueWork
from masugata.records.kind import Kind
from masugata.records.kms import (
    ALIAS,
    FORGET,
    GRANT,
    KEY,
    KEY_MATERIAL,
    PENDING_DELETION,
    PENDING_REPLICA_DELETION,
    REMAINS,
    SCHEDULED,
    TO_BE_DELETED,
    Key,
)
from masugata.services.kms._events import key_event
from masugata.services.kms._last_usage import usage_name
from masugata.services.kms._schedule import done, due, earliest, schedule
from masugata.store import Records, Transaction

_AT_ONCE: Final = 250  # records in one transaction, and grants of one key
DEFAULT_DAYS: Final = 30
"""Days until a key is deleted, unless ScheduleKeyDeletion says otherwise."""


class _Waiting(NamedTuple):
    """A key that is to be deleted, and when."""

    ends: datetime
    account: str
    key: Key


def _waiting(records: Records) -> Iterator[_Waiting]:
    for account, region in records.partitions(KEY):
        for key in records.referring(KEY, account, *TO_BE_DELETED, region):
            if key.state == PENDING_DELETION and key.deletion_date is not None:
                yield _Waiting(key.deletion_date, account, key)


def _next_due(records: Records, _limits: Mapping[str, int]) -> datetime | None:
    return min((one.ends for one in _waiting(records)), default=None)


def _erase_due(
    transaction: Transaction, now: datetime, random: Callable[[int], bytes], _limits: Mapping[str, int]
) -> int:
    erased = records = 0
    for ends, account, key in list(_waiting(transaction)):
        if ends > now:
            continue
        if records >= _AT_ONCE:
            break
        records += _erase(transaction, account, key, now)
        _leave_primary(transaction, account, key, now)
        schedule(transaction, account, key.region, FORGET, now, key.id)
        key_event(transaction, "DeleteKey", account, key, {"keyId": key.id}, now=now, random=random)
        erased += 1
    return erased


def _erase(transaction: Transaction, account: str, key: Key, now: datetime) -> int:
    """Delete a key and all that is of it, of many grants the first; gives how many records that were."""
    deleted = 1
    kinds: tuple[Kind[Any], ...] = (KEY_MATERIAL, ALIAS, SCHEDULED)
    for kind in kinds:
        for record in transaction.referring(kind, account, "key", key.id, key.region):
            transaction.delete(kind, account, kind.key(record), key.region)
            deleted += 1
    transaction.delete(KEY, account, key.id, key.region)
    transaction.forget_uses(usage_name(key))
    return deleted + _delete_grants(transaction, account, key.region, key.id, now)


def _delete_grants(transaction: Transaction, account: str, region: str, key_id: str, now: datetime) -> int:
    """Delete grants of a key that is gone; it may have so many that the rest is for another transaction."""
    grants = transaction.referring(GRANT, account, "key", key_id, region)
    for grant in grants[:_AT_ONCE]:
        transaction.delete(GRANT, account, GRANT.key(grant), region)
    if len(grants) > _AT_ONCE:
        schedule(transaction, account, region, REMAINS, now, key_id)
    return min(len(grants), _AT_ONCE)


def _leave_primary(transaction: Transaction, account: str, key: Key, now: datetime) -> None:
    primary = transaction.get(KEY, account, key.id, key.primary_region) if key.is_replica else None
    if primary is None:
        return
    left = tuple(region for region in primary.replica_regions if region != key.region)
    primary = replace(primary, replica_regions=left)
    if not left and primary.state == PENDING_REPLICA_DELETION:
        window = timedelta(days=primary.pending_window or DEFAULT_DAYS)
        primary = replace(primary, state=PENDING_DELETION, deletion_date=now + window)
    transaction.put(KEY, account, primary, primary.region)


def _next_remains(records: Records, _limits: Mapping[str, int]) -> datetime | None:
    return earliest(records, REMAINS)


def _delete_remains(
    transaction: Transaction, now: datetime, _random: Callable[[int], bytes], _limits: Mapping[str, int]
) -> int:
    for entry in due(transaction, now, REMAINS)[:1]:
        done(transaction, entry)
        return 1 + _delete_grants(transaction, entry.account, entry.region, entry.scheduled.key_id, now)
    return 0


ERASURES = DueWork((KEY,), _next_due, _erase_due)
REMAINDERS = DueWork((SCHEDULED,), _next_remains, _delete_remains)
