"""A store on PostgreSQL whose connections are ended at random loses and doubles nothing."""

import os
import random
import signal
from collections import Counter
from contextlib import suppress
from threading import Semaphore, Thread

import psycopg
import pytest

from databases import new_database
from fault.test_kill import check_round, run_and_kill
from masugata.store import StoreUnavailableError, open_store
from unit.store.things import KINDS, THING, Thing, event


class Caller(Thread):
    """Changes and records without end, and remembers what it was told."""

    def __init__(self, store, prefix):
        super().__init__()
        self.store = store
        self.prefix = prefix
        self.stopping = False
        self.progress = Semaphore(0)
        self.acknowledged, self.failed, self.recorded = [], [], []

    def run(self):
        """Until told to stop."""
        number = 0
        while not self.stopping:
            name = f"{self.prefix}-{number}"
            number += 1
            with suppress(StoreUnavailableError):
                self.store.record_event(event(number, event_id=f"read-{name}"))
                self.recorded.append(f"read-{name}")
            try:
                self.store.submit(lambda t, name=name: self.change(t, name)).result()
                self.acknowledged.append(name)
                self.progress.release()
            except StoreUnavailableError:
                self.failed.append(name)

    @staticmethod
    def change(transaction, name):
        """Two records and an event."""
        for part in "ab":
            transaction.put(THING, "1", Thing(name=f"{name}-{part}", serial=f"{name}-{part}"))
        transaction.emit(event(1, event_id=f"write-{name}"))


@pytest.mark.parametrize(("ends", "crashes"), [(80, 2), pytest.param(5000, 100, marks=pytest.mark.nightly)])
def test_ended_connections(request, tmp_path, ends, crashes):
    """Whatever is ended when: acknowledged changes are there, changes are whole, events are there once."""
    database = new_database("postgres", request, tmp_path)
    randomness = random.Random(3)
    stores = [open_store(database.place, KINDS) for _ in range(2)]
    callers = [Caller(store, f"c{number}") for number, store in enumerate(2 * stores)]
    for caller in callers:
        caller.start()
    try:
        for turn in range(ends):
            end_one(database, randomness, crash=turn % (ends // crashes) == 1)
            # Whoever is asked now has to come through again.
            assert randomness.choice(callers).progress.acquire(timeout=60)
    finally:
        for caller in callers:
            caller.stopping = True
        for caller in callers:
            caller.join()
    for store in stores:  # both first: an event of a reading call may follow a little later
        store.flush().result()
    for store in stores:
        check(store, callers)
        store.close()
    fresh = open_store(database.place, KINDS)
    check(fresh, callers)
    assert fresh.check() == []
    fresh.close()


def end_one(database, randomness, *, crash):
    """End a random connection; a crash takes all with it, and the server recovers."""
    with suppress(psycopg.OperationalError):  # while the server recovers
        found = database.edit(
            "SELECT pid FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid()", database.name
        )
        if found:
            (pid,) = randomness.choice(found)
            if crash:
                os.kill(pid, signal.SIGKILL)
            else:
                database.edit("SELECT pg_terminate_backend(?)", pid)


def check(store, callers):
    """Compare what was told with what is there."""
    names = Counter(thing.name.rpartition("-")[0] for thing in store.snapshot().scan(THING, "1"))
    assert set(names.values()) == {2}
    events = Counter()
    before = None
    while page := store.events("1", "eu", before_seq=before, limit=1000):
        events.update(row.event_id for row in page)
        before = page[-1].seq
    assert set(events.values()) == {1}
    for caller in callers:
        assert caller.acknowledged
        assert set(caller.acknowledged) <= set(names)
        assert {f"write-{name}" for name in caller.acknowledged} <= set(events)
        assert set(caller.recorded) <= set(events)
        for name in caller.failed:
            assert (name in names) == (f"write-{name}" in events)


def test_crashed_server_loses_nothing(request, tmp_path, postgres_server):
    """The server dies at random moments under a node that writes; what was acknowledged is there."""
    database = new_database("postgres", request, tmp_path)
    randomness = random.Random(4)
    watching = open_store(database.place, KINDS)
    for turn in range(5):
        prefix = f"s{turn}"
        acknowledged = run_and_kill(
            database.place,
            prefix,
            randomness.randint(1, 60),
            before=lambda: postgres_server.stop("immediate"),
        )
        postgres_server.start()
        check_round(watching, prefix, acknowledged)
        assert watching.check() == []
    watching.close()
