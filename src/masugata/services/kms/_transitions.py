"""The end of the states in which keys are for a moment: Creating and Updating."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from masugata.call import DueWork
from masugata.records.kms import CREATING, ENABLED, KEY, PENDING_IMPORT, SCHEDULED, TRANSITION, UPDATING, Key
from masugata.services.kms._materials import lacks_material
from masugata.services.kms._schedule import done, due, earliest
from masugata.store import Records, Transaction


def _next_due(records: Records, limits: Mapping[str, int]) -> datetime | None:
    del limits
    return earliest(records, TRANSITION)


def _end_due(
    transaction: Transaction, now: datetime, random: Callable[[int], bytes], limits: Mapping[str, int]
) -> int:
    del random, limits
    entries = due(transaction, now, TRANSITION)
    for entry in entries:
        done(transaction, entry)
        key = transaction.get(KEY, entry.account, entry.scheduled.key_id, entry.region)
        if key is not None and key.state in {CREATING, UPDATING}:
            ended = replace(key, state=_state(transaction, entry.account, key))
            transaction.put(KEY, entry.account, ended, entry.region)
    return len(entries)


def _state(records: Records, account: str, key: Key) -> str:
    return PENDING_IMPORT if lacks_material(records, account, key) else ENABLED


TRANSITIONS = DueWork((SCHEDULED,), _next_due, _end_due)
