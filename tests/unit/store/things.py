"""A small kind of record for the store's tests."""

from datetime import UTC, datetime, timedelta

import msgspec

from masugata.records.kind import Kind
from masugata.store import EventRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Thing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A thing with a unique serial, unique marks and any number of owners."""

    version: int = 1
    name: str
    serial: str = ""
    marks: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    size: int = 0


class Counter(msgspec.Struct, frozen=True):
    """A number."""

    version: int = 1
    value: int = 0


THING = Kind(
    "test",
    "thing",
    Thing,
    key=lambda thing: thing.name.lower(),
    names=lambda thing: (
        ([("serial", thing.serial)] if thing.serial else []) + [("mark", mark) for mark in thing.marks]
    ),
    references=lambda thing: [("owner", owner) for owner in thing.owners],
)
COUNTER = Kind("test", "counter", Counter, key=lambda _: "only", names=lambda _: (), references=lambda _: ())
KINDS = (THING, COUNTER)


def event(number: int, **fields) -> EventRow:
    """An event `number` seconds after noon."""
    values = {
        "time": NOON + timedelta(seconds=number),
        "account": "1",
        "region": "eu",
        "event_id": f"id-{number}",
        "name": "CreateThing",
        "source": "test.amazonaws.com",
        "read_only": False,
        "body": b'{"number": %d}' % number,
    }
    return EventRow(**(values | fields))
