"""When keys are rotated: their fields for it, and the schedule that goes with these."""

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from masugata.records.kms import KEY, ON_DEMAND_ROTATION, ROTATION, SCHEDULED, Key
from masugata.services.kms._schedule import schedule, unschedule
from masugata.store import Transaction

DEFAULT_PERIOD: Final = 365
"""Days between automatic rotations, unless EnableKeyRotation says otherwise."""


def start_rotation(
    transaction: Transaction, account: str, key: Key, now: datetime, period: int = DEFAULT_PERIOD
) -> Key:
    """Rotate a key every `period` days from now on; gives the key as it is stored then."""
    return rescheduled(transaction, account, key, period, now + timedelta(days=period))


def stop_rotation(transaction: Transaction, account: str, key: Key) -> Key:
    """Rotate a key by no schedule any more; gives the key as it is stored then."""
    return rescheduled(transaction, account, key, None, None)


def start_on_demand_rotation(
    transaction: Transaction, account: str, key: Key, now: datetime, seconds: int
) -> None:
    """Count a rotation on demand, to be done in so many seconds."""
    begun = replace(key, on_demand_rotations=key.on_demand_rotations + 1, on_demand_rotation_start=now)
    transaction.put(KEY, account, begun, key.region)
    schedule(transaction, account, key.region, ON_DEMAND_ROTATION, now + timedelta(seconds=seconds), key.id)


def move_rotation(transaction: Transaction, account: str, old: Key, new: Key) -> tuple[Key, Key]:
    """Hand over to the new primary key what rotates the old one; gives both as they are to be stored."""
    for entry in transaction.referring(SCHEDULED, account, "key", old.id, old.region):
        if entry.what in {ROTATION, ON_DEMAND_ROTATION}:
            transaction.delete(SCHEDULED, account, SCHEDULED.key(entry), old.region)
            transaction.put(SCHEDULED, account, entry, new.region)
    new = replace(
        new,
        rotation_period=old.rotation_period,
        next_rotation=old.next_rotation,
        rotation_waits=old.rotation_waits,
        on_demand_rotations=old.on_demand_rotations,
        on_demand_rotation_start=old.on_demand_rotation_start,
    )
    return _without_rotation(old), new


def _without_rotation(key: Key) -> Key:
    return replace(
        key,
        rotation_period=None,
        next_rotation=None,
        rotation_waits=False,
        on_demand_rotations=0,
        on_demand_rotation_start=None,
    )


def rescheduled(
    transaction: Transaction, account: str, key: Key, period: int | None, following: datetime | None
) -> Key:
    """Store when a key is rotated next and how often from then on; gives it as it is stored then."""
    unschedule(transaction, account, key.region, key.id, ROTATION)
    key = replace(key, rotation_period=period, next_rotation=following, rotation_waits=False)
    transaction.put(KEY, account, key, key.region)
    if following is not None:
        schedule(transaction, account, key.region, ROTATION, following, key.id)
    return key
