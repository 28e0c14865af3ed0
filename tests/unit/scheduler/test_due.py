"""Work that takes time: looked for cheaply, moved on in transactions."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from os import urandom

import pytest

from masugata.call import DueWork, MoveOn, PreparedWork
from masugata.keeper import Keeper, open_keeper
from masugata.scheduler import DueRunner
from masugata.store import Records, Snapshot, Store, Transaction, open_store
from unit.store.things import KINDS, THING, Thing

KEEPER = open_keeper("ephemeral:", create=True)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Countdown:
    """Work on things: each counts down to nothing, an hour for each step."""

    def __init__(self, at_once: int = 2) -> None:
        self.asked = 0
        self.moved: list[list[str]] = []
        self._at_once = at_once
        self.work = DueWork((THING,), self.next_due, self.move_on)

    def next_due(self, records: Records, limits: Mapping[str, int]) -> datetime | None:
        """The earliest hour of any thing."""
        assert "organizations.accounts" in limits
        self.asked += 1
        return min((_due(thing) for thing in records.scan(THING, "1")), default=None)

    def move_on(
        self,
        transaction: Transaction,
        now: datetime,
        random: Callable[[int], bytes],
        limits: Mapping[str, int],
    ) -> int:
        """One step of those that are due."""
        del random, limits
        due = [thing for thing in transaction.scan(THING, "1") if _due(thing) <= now][: self._at_once]
        for thing in due:
            if thing.size > 1:
                transaction.put(THING, "1", Thing(name=thing.name, size=thing.size - 1))
            else:
                transaction.delete(THING, "1", thing.name)
        self.moved.append([thing.name for thing in due])
        return len(due)


def _due(thing: Thing) -> datetime:
    """A thing of size 3 is due three hours before midnight."""
    return NOON + 12 * HOUR - thing.size * HOUR


@pytest.fixture
def store() -> Iterator[Store]:
    """A store of the test's own."""
    store = open_store(None, KINDS)
    yield store
    store.close()


def put(store: Store, *things: tuple[str, int]) -> None:
    """Store things of these names and sizes."""

    def job(transaction: Transaction) -> None:
        for name, size in things:
            transaction.put(THING, "1", Thing(name=name, size=size))

    store.submit(job).result()


def test_nothing_changed(store: Store) -> None:
    """While no record of its kinds changes, work is not even asked when it is due."""
    countdown = Countdown()
    runner = DueRunner(store, urandom, work=(countdown.work,), keeper=KEEPER)
    put(store, ("egg", 3))
    assert [runner.run(NOON + minutes * HOUR / 60) for minutes in range(100)] == [0] * 100
    assert countdown.asked == 1
    put(store, ("ham", 2))
    assert runner.run(NOON) == 0
    assert countdown.asked == 2
    assert countdown.moved == []


def test_all_that_is_due(store: Store) -> None:
    """One run goes on, a bounded part in each transaction, until nothing is due: also what it made due."""
    countdown = Countdown()
    runner = DueRunner(store, urandom, work=(countdown.work,), keeper=KEEPER)
    put(store, ("a", 3), ("b", 3), ("c", 3), ("d", 2))
    assert runner.run(NOON + 9 * HOUR) == 3
    assert countdown.moved == [["a", "b"], ["c"]]
    assert runner.run(NOON + 12 * HOUR) == 8
    assert store.snapshot().count(THING, "1") == 0
    assert runner.run(NOON + 24 * HOUR) == 0


def test_told_to_stop(store: Store) -> None:
    """A server that stops does not begin another transaction; the next one continues."""
    countdown = Countdown()
    put(store, ("a", 1), ("b", 1), ("c", 1))
    late = NOON + 12 * HOUR
    stopping = DueRunner(store, urandom, work=(countdown.work,), keeper=KEEPER)
    assert stopping.run(late, lambda: bool(countdown.moved)) == 2
    assert DueRunner(store, urandom, work=(countdown.work,), keeper=KEEPER).run(late) == 1


def test_two_at_once(store: Store) -> None:
    """A runner that decides to work, and finds it done by another in its transaction, does nothing."""
    countdown = Countdown(at_once=9)
    put(store, ("a", 1))
    stale = store.snapshot()
    late = NOON + 12 * HOUR
    assert DueRunner(store, urandom, work=(countdown.work,), keeper=KEEPER).run(late) == 1
    assert countdown.next_due(stale, {"organizations.accounts": 1}) is not None
    moved = store.submit(lambda tx: countdown.move_on(tx, late, urandom, {})).result()
    assert moved == 0


def test_work_without_end(store: Store) -> None:
    """Work that is always due again is left after a bounded number of rounds."""
    rounds = []
    endless = DueWork((THING,), lambda *_: NOON, lambda *_: rounds.append(1) or 1)
    put(store, ("a", 1))
    assert DueRunner(store, urandom, work=(endless,), keeper=KEEPER).run(NOON) == len(rounds) == 10_000


def test_work_that_fails(store: Store) -> None:
    """What goes wrong in one sort of work is raised once all other work is done."""
    tries = []

    def fail(*_: object) -> int:
        tries.append(1)
        raise ValueError("spoilt")

    countdown = Countdown(at_once=1)
    runner = DueRunner(
        store, urandom, work=(DueWork((THING,), lambda *_: NOON, fail), countdown.work), keeper=KEEPER
    )
    put(store, ("a", 1), ("b", 1))
    with pytest.raises(ValueError, match="spoilt"):
        runner.run(NOON + 12 * HOUR)
    assert (countdown.moved, len(tries)) == ([["a"], ["b"]], 1)


def test_work_that_is_prepared(store: Store) -> None:
    """What needs the keeper is made of a snapshot, outside of the transaction that then moves on."""
    made = []

    def prepare(records: Records, now: datetime, keeper: Keeper, _: Mapping[str, int]) -> MoveOn:
        names = [thing.name for thing in records.scan(THING, "1")]
        assert (now, keeper) == (NOON, KEEPER)
        assert isinstance(records, Snapshot)

        def move_on(transaction: Transaction, *_: object) -> int:
            for name in names:
                transaction.delete(THING, "1", name)
            made.append(names)
            return len(names)

        return move_on

    def next_due(records: Records, _: Mapping[str, int]) -> datetime | None:
        return NOON if records.count(THING, "1") else None

    put(store, ("a", 1), ("b", 1))
    runner = DueRunner(store, urandom, work=(PreparedWork((THING,), next_due, prepare),), keeper=KEEPER)
    assert runner.run(NOON - HOUR) == 0
    assert runner.run(NOON) == 2
    assert made == [["a", "b"]]


def test_services_sleep_until_there_are_their_records():
    """A service is not even imported before there is a record that it may have to do with."""
    program = (
        "import os, sys\n"
        "from masugata.keeper import open_keeper\n"
        "from masugata.records import ALL_KINDS\n"
        "from masugata.scheduler.due import DueRunner\n"
        "from masugata.store import open_store\n"
        "from datetime import datetime, UTC\n"
        "keeper = open_keeper('ephemeral:', create=True)\n"
        "runner = DueRunner(open_store(None, ALL_KINDS), os.urandom, keeper=keeper)\n"
        "assert runner.run(datetime.now(UTC)) == 0\n"
        "print('masugata.services.organizations' in sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"
