"""Imported material that is erased: on demand, and when it expires.

The record of material that was current stays, empty, as the same bytes make the same key again. What the
keeper may remember is forgotten once the erasure is committed: until then somebody might still have used it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from masugata.call import DueWork, MoveOn, PreparedWork
from masugata.keeper import Keeper
from masugata.records.kms import (
    DISABLED,
    ENABLED,
    EXPIRY,
    FORGET,
    KEY,
    KEY_MATERIAL,
    PENDING_IMPORT,
    SCHEDULED,
    UPDATING,
    Key,
    KeyMaterial,
)
from masugata.services.kms._common import material_record
from masugata.services.kms._events import key_event
from masugata.services.kms._multi_region import related
from masugata.services.kms._schedule import done, due, earliest, schedule, unschedule
from masugata.store import Records, Transaction


def erase(transaction: Transaction, account: str, key: Key, record: KeyMaterial, now: datetime) -> None:
    """Erase material of a key in its Region; of a primary key in all Regions what waits for a rotation."""
    if not record.pending_rotation:
        _empty(transaction, account, key, record)
        if record.sealed and key.state in {ENABLED, DISABLED, UPDATING}:
            transaction.put(KEY, account, replace(key, state=PENDING_IMPORT), key.region)
    elif key.is_replica:
        _empty(transaction, account, key, record)
    else:
        for one in list(related(transaction, account, key)):
            unschedule(transaction, account, one.region, key.id, EXPIRY, material_id=record.id)
            if material_record(transaction, account, one, record.id) is not None:
                transaction.delete(KEY_MATERIAL, account, KEY_MATERIAL.key(record), one.region)
    schedule(transaction, account, key.region, FORGET, now, key.id)


def _empty(transaction: Transaction, account: str, key: Key, record: KeyMaterial) -> None:
    unschedule(transaction, account, key.region, key.id, EXPIRY, material_id=record.id)
    emptied = replace(record, sealed=b"", expiration_model="", valid_to=None)
    transaction.put(KEY_MATERIAL, account, emptied, key.region)


def _next_expiry(records: Records, limits: Mapping[str, int]) -> datetime | None:
    del limits
    return earliest(records, EXPIRY)


def _expire_due(
    transaction: Transaction, now: datetime, random: Callable[[int], bytes], limits: Mapping[str, int]
) -> int:
    """Erase what has expired; an entry that its material knows nothing of means nothing."""
    del limits
    expired = due(transaction, now, EXPIRY)
    for entry in expired:
        account, region, scheduled = entry
        done(transaction, entry)
        key = transaction.get(KEY, account, scheduled.key_id, region)
        if key is None:
            continue
        record = material_record(transaction, account, key, scheduled.material_id)
        if record is None or record.valid_to != scheduled.due:
            continue
        erase(transaction, account, key, record, now)
        details = {"keyId": key.id, "keyMaterialId": record.id}
        key_event(transaction, "DeleteExpiredKeyMaterial", account, key, details, now=now, random=random)
    return len(expired)


def _next_forgetting(records: Records, limits: Mapping[str, int]) -> datetime | None:
    del limits
    return earliest(records, FORGET)


def _forget(records: Records, now: datetime, keeper: Keeper, limits: Mapping[str, int]) -> MoveOn:
    del limits
    entries = due(records, now, FORGET)
    for key_id in {entry.scheduled.key_id for entry in entries}:
        keeper.materials.forget(key_id)
    return partial(_forgotten, [(*entry[:2], SCHEDULED.key(entry.scheduled)) for entry in entries])


def _forgotten(
    entries: list[tuple[str, str, str]],
    transaction: Transaction,
    now: datetime,
    random: Callable[[int], bytes],
    limits: Mapping[str, int],
) -> int:
    del now, random, limits
    for account, region, key in entries:
        if transaction.get(SCHEDULED, account, key, region) is not None:
            transaction.delete(SCHEDULED, account, key, region)
    return len(entries)


EXPIRIES = DueWork((SCHEDULED,), _next_expiry, _expire_due)
FORGETTING = PreparedWork((SCHEDULED,), _next_forgetting, _forget)
