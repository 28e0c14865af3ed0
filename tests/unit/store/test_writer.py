"""The writer's queue, with a commit that the test controls."""

from concurrent.futures import Future
from threading import Event

import pytest

from masugata.store import StoreBusyError, StoreUnavailableError
from masugata.store import writer as writing
from masugata.store.writer import Batch, Task, Writer
from unit.store.things import event


class Disk:
    """Takes batches; fails while `broken`; says when a batch was taken."""

    def __init__(self):
        self.broken = False
        self.while_failing = lambda: None
        self.tried = Event()
        self.taken = Event()
        self.batches = []

    def commit(self, batch: Batch) -> None:
        self.tried.set()
        if self.broken:
            self.while_failing()
            raise OSError("no disk")
        self.batches.append(batch)
        for task in batch.tasks:
            task.future.set_result(task.job(None))
        self.taken.set()


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def writer(disk):
    running = Writer(disk.commit)
    yield running
    disk.broken = False
    running.close()


def test_events_are_flushed_without_any_job(writer, disk):
    """An event alone reaches the disk by the writer's own timer."""
    writer.add_event(event(1))
    assert disk.taken.wait(30)
    assert [row.event_id for batch in disk.batches for row in batch.events] == ["id-1"]


def test_last_uses_are_flushed_without_any_job(writer, disk, monkeypatch):
    """A last use alone reaches the disk by the writer's own timer and is visible all the while."""
    monkeypatch.setattr(writing, "TOUCH_DELAY", 0.01)
    writer.touch("key", b"now")
    assert writer.touched("key") == b"now"
    assert disk.taken.wait(30)
    assert disk.batches[0].touches == {"key": b"now"}


def test_failure_keeps_events_in_order_and_retries(writer, disk):
    """Events of a failed batch are committed later, once, and before those that came meanwhile."""

    def meanwhile():
        disk.broken = False
        writer.add_event(event(2))

    disk.broken, disk.while_failing = True, meanwhile
    writer.add_event(event(1))
    assert disk.taken.wait(30)
    writer.close()
    assert [row.event_id for batch in disk.batches for row in batch.events] == ["id-1", "id-2"]


def test_failure_keeps_the_newest_last_use(writer, disk):
    """A last use noted during a failing commit is not overwritten by the older one that is tried again."""

    def meanwhile():
        writer.touch("key", b"new")

    disk.broken, disk.while_failing = True, meanwhile
    writer.touch("key", b"old")
    future = Future()
    writer.submit(Task(lambda _: None, future))
    assert isinstance(future.exception(30), StoreUnavailableError)
    assert writer.touched("key") == b"new"
    disk.broken = False
    writer.close()
    assert [batch.touches for batch in disk.batches] == [{"key": b"new"}]


def test_failed_jobs_say_why(writer, disk):
    """A failed commit reaches every job of its group as an error with the cause."""
    disk.broken = True
    future = Future()
    writer.submit(Task(lambda _: None, future))
    with pytest.raises(StoreUnavailableError, match="no disk") as raised:
        future.result(30)
    assert isinstance(raised.value.__cause__, OSError)


def test_events_that_cannot_be_stored_pile_up_to_a_bound(writer, disk, monkeypatch):
    """With a broken disk events are refused once too many wait, never dropped."""
    monkeypatch.setattr(writing, "EVENT_LIMIT", 3)
    disk.broken = True
    writer.add_event(event(0))
    assert disk.tried.wait(30)

    def add_many():
        for number in range(1, 1000):
            writer.add_event(event(number))

    with pytest.raises(StoreBusyError, match="3 events wait"):
        add_many()
    disk.broken = False
    assert disk.taken.wait(30)
    writer.close()
    stored = [row.event_id for batch in disk.batches for row in batch.events]
    assert stored == [f"id-{number}" for number in range(len(stored))]
    assert len(stored) >= 3


def test_last_uses_are_bounded(writer, monkeypatch):
    """New keys are refused beyond the bound; known keys are still updated."""
    monkeypatch.setattr(writing, "TOUCH_LIMIT", 1)
    writer.touch("a", b"1")
    writer.touch("a", b"2")
    with pytest.raises(StoreBusyError, match="last uses wait"):
        writer.touch("b", b"1")


def test_close_tells_what_was_lost(disk):
    """Closing over a broken disk ends and says that events were not stored."""
    disk.broken = True
    writer = Writer(disk.commit)
    writer.add_event(event(1))
    with pytest.raises(StoreUnavailableError, match="could not be stored"):
        writer.close()


def test_groups_are_bounded(writer, disk):
    """A long queue is committed in groups of at most 64 jobs, in order."""
    started, finish = Event(), Event()
    order = []

    def wait(_):
        started.set()
        assert finish.wait(30)

    futures = [Future() for _ in range(151)]
    writer.submit(Task(wait, futures[0]))
    assert started.wait(30)
    for number, future in enumerate(futures[1:]):
        writer.submit(Task(lambda _, number=number: order.append(number), future))
    finish.set()
    futures[-1].result(30)
    assert [len(batch.tasks) for batch in disk.batches] == [1, 64, 64, 22]
    assert order == list(range(150))
