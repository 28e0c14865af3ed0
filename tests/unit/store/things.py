"""A small kind of record for the store's tests."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

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


def put(store, *things):
    """Have things stored in account 1."""

    def job(transaction):
        for thing in things:
            transaction.put(THING, "1", thing)

    return store.submit(job)


@contextmanager
def busy_writer(store):
    """Keep the writer in a job, so that what is submitted meanwhile becomes the next group."""
    started, finish = Event(), Event()

    def wait(_):
        started.set()
        assert finish.wait(30)

    future = store.submit(wait)
    assert started.wait(30)
    try:
        yield
    finally:
        finish.set()
        future.result()
