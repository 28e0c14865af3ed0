"""Looking at keys when it is time to, without looking at all keys to find out when that is."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from masugata.records.kms import SCHEDULED, Scheduled
from masugata.store import Records, Transaction

AT_ONCE = 50
"""Keys in one transaction."""


class Entry(NamedTuple):
    """What is scheduled, and where the key is."""

    account: str
    region: str
    scheduled: Scheduled


def schedule(
    transaction: Transaction,
    account: str,
    region: str,
    what: str,
    due: datetime,
    key_id: str,
    material_id: str = "",
) -> None:
    """Have a key looked at when it is due."""
    entry = Scheduled(what=what, due=due, key_id=key_id, material_id=material_id)
    transaction.put(SCHEDULED, account, entry, region)


def unschedule(
    transaction: Transaction, account: str, region: str, key_id: str, *what: str, material_id: str = ""
) -> None:
    """Take back what is scheduled of these sorts for a key, or for one of its materials."""
    for entry in transaction.referring(SCHEDULED, account, "key", key_id, region):
        if entry.what in what and entry.material_id == material_id:
            transaction.delete(SCHEDULED, account, SCHEDULED.key(entry), region)


def earliest(records: Records, *what: str) -> datetime | None:
    """When the first of these sorts is due, or None."""
    return min((entry.scheduled.due for entry in _first(records, what)), default=None)


def due(records: Records, now: datetime, *what: str) -> list[Entry]:
    """Some of what is due now of these sorts, the earliest first."""
    found: list[Entry] = []
    for account, region in records.partitions(SCHEDULED):
        for sort in what:
            for scheduled in _in_order(records, account, region, sort):
                if scheduled.due > now or len(found) >= 2 * AT_ONCE:
                    break
                found.append(Entry(account, region, scheduled))
    return sorted(found, key=lambda entry: entry.scheduled.due)[:AT_ONCE]


def done(transaction: Transaction, entry: Entry) -> None:
    """Forget what has been looked at."""
    transaction.delete(SCHEDULED, entry.account, SCHEDULED.key(entry.scheduled), entry.region)


def _first(records: Records, what: Iterable[str]) -> Iterator[Entry]:
    for account, region in records.partitions(SCHEDULED):
        for sort in what:
            scheduled = next(_in_order(records, account, region, sort), None)
            if scheduled is not None:
                yield Entry(account, region, scheduled)


def _in_order(records: Records, account: str, region: str, what: str) -> Iterator[Scheduled]:
    """All of one sort in one account and Region, by when they are due."""
    for scheduled in records.scan(SCHEDULED, account, region, after=f"{what}/"):
        if scheduled.what != what:
            return
        yield scheduled
