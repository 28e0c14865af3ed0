"""The one thread that commits: takes all waiting work, hands it over as one group, and again."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Condition, Thread, get_ident
from typing import Any

from masugata.store.errors import StoreBusyError, StoreError, StoreUnavailableError
from masugata.store.event import EventRow

GROUP_LIMIT = 64  # jobs in one commit
QUEUE_LIMIT = 4096  # jobs that wait
EVENT_LIMIT = 10_000  # events that wait
TOUCH_LIMIT = 100_000  # last uses that wait

EVENT_DELAY = 0.02  # seconds
TOUCH_DELAY = 1.0
RETRY_DELAY = 0.1


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do and who waits for it; `on_database` takes the connection, not a transaction."""

    job: Callable[[Any], Any]
    future: "Future[Any]"
    on_database: bool = False


@dataclass(slots=True)
class Batch:
    """What is committed together."""

    tasks: list[Task] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    touches: dict[str, bytes] = field(default_factory=dict)


class Writer:
    """Queues in front of `commit`, which does a batch and resolves its futures.

    If `commit` raises, it must have kept nothing and resolved nothing: the jobs of the batch fail
    with `StoreUnavailableError`, its events and last uses are tried again.
    """

    def __init__(self, commit: Callable[[Batch], None], *, queue_limit: int = QUEUE_LIMIT) -> None:
        self._commit = commit
        self._queue_limit = queue_limit
        self._tasks: deque[Task] = deque()
        self._events: list[EventRow] = []
        self._touches: dict[str, bytes] = {}
        self._in_flight = Batch()
        self._events_due: float | None = None
        self._touches_due: float | None = None
        self._closing = False
        self._failure: BaseException | None = None
        self._condition = Condition()
        # A daemon, so that a program that forgets to close still ends; what was acknowledged is on disk.
        self._thread = Thread(target=self._run, name="masugata-writer", daemon=True)
        self._thread.start()

    def submit(self, task: Task) -> None:
        """Queue a task."""
        if get_ident() == self._thread.ident:
            raise StoreError("a job cannot submit another job")
        with self._condition:
            self._check_open()
            if len(self._tasks) >= self._queue_limit:
                raise StoreBusyError(f"{self._queue_limit} jobs wait already")
            self._tasks.append(task)
            self._condition.notify_all()

    def add_event(self, event: EventRow) -> None:
        """Have an event committed with the next group, or alone after 20 ms."""
        with self._condition:
            self._check_open()
            if len(self._events) >= EVENT_LIMIT:
                raise StoreBusyError(f"{EVENT_LIMIT} events wait already")
            self._events.append(event)
            if self._events_due is None:
                self._events_due = time.monotonic() + EVENT_DELAY
                self._condition.notify_all()

    def touch(self, key: str, body: bytes) -> None:
        """Have a last use committed with the next group, or alone after a second."""
        with self._condition:
            self._check_open()
            if len(self._touches) >= TOUCH_LIMIT and key not in self._touches:
                raise StoreBusyError(f"{TOUCH_LIMIT} last uses wait already")
            self._touches[key] = body
            if self._touches_due is None:
                self._touches_due = time.monotonic() + TOUCH_DELAY
                self._condition.notify_all()

    def touched(self, key: str) -> bytes | None:
        """The last use of `key` that is not known to be committed yet, or None."""
        with self._condition:
            return self._touches.get(key, self._in_flight.touches.get(key))

    def close(self) -> None:
        """Finish all waiting work; raises `StoreUnavailableError` if the last of it failed."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise StoreUnavailableError("the last events could not be stored") from failure

    def _check_open(self) -> None:
        if self._closing:
            raise StoreUnavailableError("the store is closed")

    def _run(self) -> None:
        while (batch := self._take()) is not None:
            try:
                self._commit(batch)
            except BaseException as error:  # noqa: BLE001  # the writer outlives whatever happens
                self._fail(batch, error)

    def _take(self) -> Batch | None:
        """Wait for work; None once closing and everything is done."""
        with self._condition:
            self._in_flight = Batch()
            while not self._closing and (wait := self._wait()) != 0:
                self._condition.wait(wait)
            batch = self._in_flight
            while self._tasks and len(batch.tasks) < GROUP_LIMIT:
                task = self._tasks.popleft()
                if task.future.set_running_or_notify_cancel():
                    batch.tasks.append(task)
            batch.events, self._events, self._events_due = self._events, [], None
            batch.touches, self._touches, self._touches_due = self._touches, {}, None
            idle = not (batch.tasks or batch.events or batch.touches)
            return None if self._closing and idle and not self._tasks else batch

    def _wait(self) -> float | None:
        """Seconds until there is something to do; None if only a new call can tell."""
        if self._tasks:
            return 0
        due = [moment for moment in (self._events_due, self._touches_due) if moment is not None]
        return max(0, min(due) - time.monotonic()) if due else None

    def _fail(self, batch: Batch, error: BaseException) -> None:
        for task in batch.tasks:
            # One exception each: every waiting thread adds its own traceback when it raises.
            failure = StoreUnavailableError(f"the change could not be stored: {error}")
            failure.__cause__ = error
            task.future.set_exception(failure)
        with self._condition:
            if self._closing:
                if batch.events or batch.touches:
                    self._failure = error
                return
            retry = time.monotonic() + RETRY_DELAY
            if batch.events:
                self._events = batch.events + self._events
                self._events_due = retry
            if batch.touches:
                self._touches = batch.touches | self._touches
                self._touches_due = retry
