"""Work that falls due."""

import logging
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from os import urandom

import pytest

from masugata.keeper import open_keeper
from masugata.scheduler import Scheduler, run_due
from masugata.settings import Settings
from masugata.store import StoreUnavailableError, open_store
from unit.store.things import KINDS, NOON, event

KEEPER = open_keeper("ephemeral:", create=True)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
SIZE = 1 << 30


def done(value):
    """A future that is done."""
    future = Future()
    future.set_result(value)
    return future


class Store:
    """Deletes events in batches of these sizes."""

    def __init__(self, *batches, too_many=(0,), error=None):
        self.batches, self.error, self.limits, self.compacted = list(batches), error, [], 0
        self.too_many, self.sizes = list(too_many), []

    def delete_events_before(self, limit):
        self.limits.append(limit)
        if self.error:
            raise self.error
        return done(self.batches.pop(0))

    def delete_events_above(self, size):
        self.sizes.append(size)
        return done(self.too_many.pop(0))

    def compact_changes(self):
        self.compacted += 1
        return done(7)


def test_due_work():
    """Old events go batch by batch until none is left, then the change log is shortened."""
    store = Store(10_000, 10_000, 12, 0)
    assert run_due(store, NOW, SIZE) == (20_012, 0, 7)
    assert store.limits == [NOW] * 4
    assert store.sizes == [SIZE]


def test_too_many_events(caplog):
    """A log that is too large loses its oldest events batch by batch, and the program's log says so."""
    store = Store(0, too_many=(10_000, 5, 0))
    assert run_due(store, NOW, SIZE) == (0, 10_005, 7)
    assert "10005 oldest events are gone before their time" in caplog.text


def test_stopping_in_the_middle():
    """A server that is told to stop does not wait for all old events to go."""
    store = Store(10_000, 10_000, 10_000)
    assert run_due(store, NOW, SIZE, lambda: len(store.batches) == 1) == (20_000, 0, 0)
    assert store.compacted == 0


@pytest.mark.parametrize("path", [None, "masugata.db"])
def test_real_stores(path, tmp_path):
    """Events before the limit go, those after it stay."""
    store = open_store(tmp_path / path if path else None, KINDS)
    try:
        for number in range(4):
            store.record_event(event(number))
        store.flush().result()
        kept = [row for row in store.events("1", "eu") if row.time >= event(2).time]
        assert run_due(store, event(2).time, SIZE).too_old == 2
        assert store.events("1", "eu") == kept
        assert run_due(store, NOON, store.event_bytes() - 1).too_many == 1
        assert store.events("1", "eu") == kept[:1]
    finally:
        store.close()


def test_thread(monkeypatch, caplog):
    """It looks at once and twice a second, for events each minute, survives a store that fails, and ends."""
    rounds, looks = [], []
    store = Store(error=StoreUnavailableError("the disk is full"))
    settings = Settings(event_retention_days=30)
    with caplog.at_level(logging.WARNING):
        scheduled = Scheduler(store, settings, keeper=KEEPER, clock=lambda: NOW, random=urandom)

        def wait(seconds):
            rounds.append(seconds)
            return len(rounds) > 240

        def look(now, stopped):
            looks.append((now, stopped()))
            raise ValueError("a bug")

        monkeypatch.setattr(scheduled._stop, "wait", wait)
        monkeypatch.setattr(scheduled._due, "run", look)
        with scheduled:
            scheduled._thread.join()
    assert rounds == [0.5] * 241
    assert looks == [(NOW, False)] * 241
    assert store.limits == [NOW - timedelta(days=30)] * 3
    # What goes on going wrong is said once, a mistake of ours with its traceback.
    assert caplog.text.count("deleting events failed and will be tried again: the disk is full") == 1
    assert caplog.text.count("due work failed and will be tried again: a bug") == 1
    assert caplog.text.count("Traceback") == 1
    assert not scheduled._thread.is_alive()


def test_longest_retention():
    """The longest time that may be set does not lead before the calendar begins."""
    store = Store(0)
    limit = datetime.now(UTC) - timedelta(days=Settings(event_retention_days=36_500).event_retention_days)
    assert run_due(store, limit, SIZE) == (0, 0, 7)
