"""The writer's queue, with a commit that the test controls."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from threading import Event
from types import SimpleNamespace

import pytest

from masugata.store import StoreBusyError, StoreUnavailableError
from masugata.store import writer as writing
from masugata.store.writer import Batch, Outcome, Task, Writer
from unit.store.things import event


class Disk:
    """Takes batches; fails while `broken`; says when a batch was taken."""

    def __init__(self):
        self.broken = False
        self.while_failing = lambda: None
        self.tried = Event()
        self.taken = Event()
        self.batches = []

    def commit(self, batch: Batch) -> list[Outcome]:
        self.tried.set()
        if self.broken:
            self.while_failing()
            raise OSError("no disk")
        self.batches.append(batch)
        self.taken.set()
        return [Outcome(task.future, task.job(None)) for task in batch.tasks]


def attempt(writer):
    """Have the writer commit now; gives the error if it could not."""
    future = Future()
    writer.submit(Task(lambda _: None, future))
    return future.exception(30)


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


def test_events_pile_up_to_a_bound_behind_a_slow_disk(writer, disk, monkeypatch):
    """While a commit takes its time events are refused once too many wait, and none is dropped."""
    monkeypatch.setattr(writing, "EVENT_LIMIT", 3)
    started, finish, future = Event(), Event(), Future()

    def wait(_):
        started.set()
        assert finish.wait(30)

    writer.submit(Task(wait, future))
    assert started.wait(30)
    for number in range(3):
        writer.add_event(event(number))
    with pytest.raises(StoreBusyError, match="3 events wait"):
        writer.add_event(event(3))
    finish.set()
    writer.close()
    assert [row.event_id for batch in disk.batches for row in batch.events] == ["id-0", "id-1", "id-2"]


def test_no_event_is_taken_while_commits_fail(writer, disk):
    """Between a failed commit and the next good one events are refused, those taken before are kept."""
    disk.broken = True
    writer.add_event(event(1))
    assert isinstance(attempt(writer), StoreUnavailableError)
    assert writer.failing == "no disk"
    with pytest.raises(StoreUnavailableError, match="no disk"):
        writer.add_event(event(2))
    disk.broken = False
    assert attempt(writer) is None
    assert writer.failing is None
    writer.add_event(event(3))
    writer.close()
    assert [row.event_id for batch in disk.batches for row in batch.events] == ["id-1", "id-3"]


def test_one_event_tries_a_disk_that_nothing_else_tries(writer, disk):
    """After a commit that left nothing to try again, one event is taken, and its commit is what heals."""
    disk.broken = True
    assert isinstance(attempt(writer), StoreUnavailableError)
    disk.broken = False
    writer.add_event(event(1))
    assert disk.taken.wait(30)
    assert attempt(writer) is None
    assert writer.failing is None
    assert [row.event_id for batch in disk.batches for row in batch.events] == ["id-1"]


def test_retries_become_rare(writer, disk, monkeypatch):
    """Without jobs a broken disk is tried after 0.1 s, 0.2 s and so on, at last every five seconds."""
    now, tried, enough = [0.0], [], Event()
    wait = writer._condition.wait

    def skip(seconds):
        if seconds is None:
            return wait()
        now[0] += seconds
        return wait(0)

    def note():
        if not enough.is_set():
            tried.append(now[0])
        if len(tried) == 9:
            enough.set()
            disk.broken = False

    monkeypatch.setattr(writing, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(writer._condition, "wait", skip)
    disk.broken, disk.while_failing = True, note
    writer.add_event(event(1))
    assert enough.wait(30)
    assert disk.taken.wait(30)
    gaps = [after - before for before, after in pairwise(tried)]
    assert gaps == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])


def test_a_job_does_not_wait_for_the_next_retry(writer, disk, monkeypatch):
    """However far away the next retry is, a new job is tried at once and takes the events with it."""
    monkeypatch.setattr(writer, "_retry_delay", 100_000.0)
    disk.broken = True
    writer.add_event(event(1))
    assert isinstance(attempt(writer), StoreUnavailableError)
    assert isinstance(attempt(writer), StoreUnavailableError)
    disk.broken = False
    assert attempt(writer) is None
    assert [row.event_id for row in disk.batches[0].events] == ["id-1"]


def test_failure_and_recovery_are_logged_once(writer, disk, caplog):
    """The log has one line when commits begin to fail and one when they work again."""
    disk.broken = True
    writer.add_event(event(1))
    for _ in range(5):
        attempt(writer)
    disk.broken = False
    attempt(writer)
    attempt(writer)
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.ERROR, "the store cannot commit and will try again: no disk"),
        (logging.WARNING, "the store commits again"),
    ]


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


def test_what_comes_while_the_turn_is_waited_for(disk):
    """A process that had to wait for others commits everything that came meanwhile at once."""
    waiting, go_on = Event(), Event()

    @contextmanager
    def turn():
        waiting.set()
        assert go_on.wait(30)
        yield

    writer = Writer(disk.commit, turn=turn)
    futures = [Future(), Future()]
    writer.submit(Task(lambda _: 1, futures[0]))
    assert waiting.wait(30)
    writer.submit(Task(lambda _: 2, futures[1]))
    writer.add_event(event(1))
    go_on.set()
    assert [future.result(30) for future in futures] == [1, 2]
    writer.close()
    assert [(len(batch.tasks), len(batch.events)) for batch in disk.batches] == [(2, 1)]


def test_turn_that_does_not_come(disk):
    """Without its turn a commit fails as on a broken disk: jobs are refused, events are kept."""
    broken = True

    @contextmanager
    def turn():
        if broken:
            raise StoreUnavailableError("another process does not finish its commit")
        yield

    writer = Writer(disk.commit, turn=turn)
    writer.add_event(event(1))
    error = attempt(writer)
    assert isinstance(error, StoreUnavailableError)
    assert "another process does not finish" in str(error)
    assert "another process" in writer.failing
    broken = False
    assert attempt(writer) is None
    writer.close()
    assert [row.event_id for batch in disk.batches for row in batch.events] == ["id-1"]


def test_those_who_come_again_are_committed_together(writer, disk, monkeypatch):
    """Callers that were answered together and come again are one group again, not the first one alone."""
    monkeypatch.setattr(writing, "GATHERING", 1e9)
    monkeypatch.setattr(writing, "PAUSE", 0.5)
    started, finish, busy = Event(), Event(), Future()

    def wait(_):
        started.set()
        assert finish.wait(30)

    def come_twice():
        for _ in range(2):
            assert attempt(writer) is None

    writer.submit(Task(wait, busy))
    assert started.wait(30)
    with ThreadPoolExecutor(3) as pool:
        callers = [pool.submit(come_twice) for _ in range(3)]
        while len(writer._tasks) < 3:
            pass
        finish.set()
        for caller in callers:
            caller.result(30)
    assert [len(batch.tasks) for batch in disk.batches] == [1, 3, 3]


def test_who_comes_alone_does_not_wait_for_others(writer, disk, monkeypatch):
    """A job behind a large group is committed although the others of that group stay away."""
    monkeypatch.setattr(writer, "_expected", 64)
    assert attempt(writer) is None
    assert [len(batch.tasks) for batch in disk.batches] == [1]
