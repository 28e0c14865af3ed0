"""What becomes of keys whose window has ended: everything about them is deleted, in one transaction.

A key that is gone takes its material, grants, aliases and last use with it, in its Region; a replica is
taken from the list of its primary, whose own window begins when that was the last one. The store overwrites
what it deletes (`Kind.secret`), and the keeper is told to forget what it has opened.

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
    SCHEDULED,
    TO_BE_DELETED,
    Key,
)
from masugata.services.kms._events import key_event
from masugata.services.kms._last_usage import usage_name
from masugata.services.kms._schedule import schedule
from masugata.store import Records, Transaction

_AT_ONCE: Final = 1000  # records in one transaction, but for those of its last key
_DEFAULT_DAYS: Final = 30


class _Waiting(NamedTuple):
    """A key that is to be deleted, and when."""

    due: datetime
    account: str
    key: Key


def _waiting(records: Records) -> Iterator[_Waiting]:
    for account, region in records.partitions(KEY):
        for key in records.referring(KEY, account, *TO_BE_DELETED, region):
            if key.state == PENDING_DELETION and key.deletion_date is not None:
                yield _Waiting(key.deletion_date, account, key)


def _next_due(records: Records, _limits: Mapping[str, int]) -> datetime | None:
    return min((one.due for one in _waiting(records)), default=None)


def _erase_due(
    transaction: Transaction, now: datetime, random: Callable[[int], bytes], _limits: Mapping[str, int]
) -> int:
    erased = records = 0
    for due, account, key in list(_waiting(transaction)):
        if due > now:
            continue
        if records >= _AT_ONCE:
            break
        records += _erase(transaction, account, key)
        _leave_primary(transaction, account, key, now)
        schedule(transaction, account, key.region, FORGET, now, key.id)
        key_event(transaction, "DeleteKey", account, key, {"keyId": key.id}, now=now, random=random)
        erased += 1
    return erased


def _erase(transaction: Transaction, account: str, key: Key) -> int:
    """Delete a key and all that is of it; gives how many records that were."""
    deleted = 1
    kinds: tuple[Kind[Any], ...] = (KEY_MATERIAL, GRANT, ALIAS, SCHEDULED)
    for kind in kinds:
        for record in transaction.referring(kind, account, "key", key.id, key.region):
            transaction.delete(kind, account, kind.key(record), key.region)
            deleted += 1
    transaction.delete(KEY, account, key.id, key.region)
    transaction.forget_uses(usage_name(key))
    return deleted


def _leave_primary(transaction: Transaction, account: str, key: Key, now: datetime) -> None:
    primary = transaction.get(KEY, account, key.id, key.primary_region) if key.is_replica else None
    if primary is None:
        return
    left = tuple(region for region in primary.replica_regions if region != key.region)
    primary = replace(primary, replica_regions=left)
    if not left and primary.state == PENDING_REPLICA_DELETION:
        window = timedelta(days=primary.pending_window or _DEFAULT_DAYS)
        primary = replace(primary, state=PENDING_DELETION, deletion_date=now + window)
    transaction.put(KEY, account, primary, primary.region)


ERASURES = DueWork((KEY,), _next_due, _erase_due)
