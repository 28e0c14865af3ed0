"""The one thread that commits: takes all waiting work, hands it over as one group, and again."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Condition, Thread, get_ident
from time import perf_counter
from typing import Any, NamedTuple

from masugata.metrics import METRICS
from masugata.metrics.table import COMMIT_SECONDS, COMMITS, FAILING, GROUP_JOBS, JOBS_WAITING
from masugata.store.errors import StoreBusyError, StoreError, StoreUnavailableError
from masugata.store.event import EventRow

_log = logging.getLogger(__name__)

GROUP_LIMIT = 64  # jobs in one commit
QUEUE_LIMIT = 4096  # jobs that wait
EVENT_LIMIT = 10_000  # events that wait
TOUCH_LIMIT = 100_000  # last uses that wait

EVENT_DELAY = 0.02  # seconds
TOUCH_DELAY = 1.0
GATHERING = 0.02  # seconds at most
PAUSE = 0.002  # seconds in which somebody must come, or no more are waited for
RETRY_DELAY = 0.1  # after the first failure; each further one doubles it
RETRY_DELAY_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do and who waits for it; `on_database` takes the connection, not a transaction.

    One with `events` is there to have them committed, and its job is given nothing.
    """

    job: Callable[[Any], Any]
    future: "Future[Any]"
    on_database: bool = False
    events: Sequence[EventRow] = ()


@dataclass(slots=True)
class Batch:
    """What is committed together."""

    tasks: list[Task] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    touches: dict[str, bytes] = field(default_factory=dict)


class Outcome(NamedTuple):
    """What a committed task came to: a result, or the error of its job."""

    future: "Future[Any]"
    result: Any
    error: BaseException | None = None


class Writer:
    """Queues in front of `commit`, which makes a batch durable and gives an outcome for each task.

    If `commit` raises, it must have kept nothing, or recognize what comes again: the jobs of the batch
    fail with `StoreUnavailableError`, its events and last uses are tried again, less and less often, and
    no further events are taken until a commit succeeds, for nobody could say that they will be kept.

    A commit happens inside `turn`, where several processes have to wait for each other. What comes
    while it is waited for is committed too. If it raises, the commit has failed.
    """

    def __init__(
        self,
        commit: Callable[[Batch], list[Outcome]],
        *,
        queue_limit: int = QUEUE_LIMIT,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._commit = _measured(commit)
        self._turn = turn
        self._queue_limit = queue_limit
        self._tasks: deque[Task] = deque()
        self._events: list[EventRow] = []
        self._touches: dict[str, bytes] = {}
        self._in_flight = Batch()
        self._events_due: float | None = None
        self._touches_due: float | None = None
        self._attentive = False  # whether the writer looks again within TOUCH_DELAY, also if nobody wakes it
        self._expected = 0  # who is under way: those whom the last commit answered, and who waited for it
        self._gathering = 0  # how many are waited for
        self._closing = False
        self._failure: BaseException | None = None
        self._failing: str | None = None
        self._retry_delay = RETRY_DELAY
        self._retry_at = 0.0
        self._condition = Condition()
        # A daemon, so that a program that forgets to close still ends; what was acknowledged is on disk.
        self._thread = Thread(target=self._run, name="masugata-writer", daemon=True)
        self._thread.start()

    @property
    def failing(self) -> str | None:
        """Why the last commit failed, or None if it did not."""
        return self._failing

    def submit(self, task: Task) -> None:
        """Queue a task."""
        if get_ident() == self._thread.ident:
            raise StoreError("a job cannot submit another job")
        with self._condition:
            self._check_open()
            if len(self._tasks) >= self._queue_limit:
                raise StoreBusyError(f"{self._queue_limit} jobs wait already")
            self._tasks.append(task)
            METRICS.set(JOBS_WAITING, len(self._tasks))
            if len(self._tasks) >= self._gathering:
                self._condition.notify_all()

    def add_event(self, event: EventRow) -> None:
        """Have an event committed with the next group, or alone after 20 ms.

        Raises `StoreUnavailableError` while commits fail, except for one event to try with if
        nothing else waits to be tried again.
        """
        with self._condition:
            self._check_open()
            if self._failing is not None and self._is_retrying():
                raise StoreUnavailableError(f"events cannot be stored: {self._failing}")
            if len(self._events) >= EVENT_LIMIT:
                raise StoreBusyError(f"{EVENT_LIMIT} events wait already")
            self._events.append(event)
            if self._events_due is None:
                self._events_due = self._due_after(EVENT_DELAY)
                self._condition.notify_all()

    def touch(self, key: str, body: bytes) -> None:
        """Have a last use committed with the next group, or alone after a second."""
        with self._condition:
            self._check_open()
            if len(self._touches) >= TOUCH_LIMIT and key not in self._touches:
                raise StoreBusyError(f"{TOUCH_LIMIT} last uses wait already")
            self._touches[key] = body
            if self._touches_due is None:
                self._touches_due = self._due_after(TOUCH_DELAY)
                if not self._attentive:
                    self._condition.notify_all()

    def touched(self, key: str) -> bytes | None:
        """The last use of `key` that is not known to be committed yet, or None."""
        with self._condition:
            return self._touches.get(key, self._in_flight.touches.get(key))

    def touched_under(self, prefix: str) -> dict[str, bytes]:
        """The last uses of keys that start with `prefix` that are not known to be committed yet."""
        with self._condition:
            waiting = self._in_flight.touches | self._touches
        return {key: body for key, body in waiting.items() if key.startswith(prefix)}

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

    def _is_retrying(self) -> bool:
        now = self._in_flight
        return any((self._tasks, self._events, self._touches, now.tasks, now.events, now.touches))

    def _due_after(self, delay: float) -> float:
        # While commits fail, the first that comes is what the next commit is tried with.
        return time.monotonic() + delay if self._failing is None else self._retry_at

    def _run(self) -> None:
        while self._await_work():
            batch = None
            try:
                with self._turn():
                    batch = self._take()
                    outcomes = self._commit(batch)
            except BaseException as error:  # noqa: BLE001  # the writer outlives whatever happens
                self._fail(self._take() if batch is None else batch, error)
            else:
                self._expected = min(GROUP_LIMIT, len(batch.tasks) + len(self._tasks))
                self._succeed(outcomes)

    def _await_work(self) -> bool:
        """Wait for work; False once closing and everything is done."""
        with self._condition:
            self._in_flight = Batch()
            # Where requests follow each other, the first use after each commit would wake us for nothing.
            self._attentive = True
            while not self._closing and (wait := self._wait()) != 0:
                if wait is None and self._attentive:
                    self._attentive = self._condition.wait(TOUCH_DELAY)
                else:
                    self._condition.wait(wait)
            self._gather()
            return bool(self._tasks or self._events or self._touches)

    def _take(self) -> Batch:
        """Everything that waits, but no more tasks than one commit may have."""
        with self._condition:
            batch = self._in_flight
            while self._tasks and len(batch.tasks) < GROUP_LIMIT:
                task = self._tasks.popleft()
                if task.future.set_running_or_notify_cancel():
                    batch.tasks.append(task)
            METRICS.set(JOBS_WAITING, len(self._tasks))
            batch.events, self._events, self._events_due = self._events, [], None
            batch.touches, self._touches, self._touches_due = self._touches, {}, None
            return batch

    def _gather(self) -> None:
        """Let those whom the last commit answered come again, as long as some of them do.

        Otherwise the first of them would be committed alone, and all others after it; and a commit costs
        nearly as much for one as for many. Who hands in a task does not wake the writer for it.
        """
        until = time.monotonic() + GATHERING
        self._gathering, came = self._expected, 0
        while came < len(self._tasks) < self._gathering and not self._closing:
            came, left = len(self._tasks), until - time.monotonic()
            if left <= 0:
                break
            self._condition.wait(min(left, PAUSE))
        self._gathering = 0

    def _wait(self) -> float | None:
        """Seconds until there is something to do; None if only a new call can tell."""
        if self._tasks:
            return 0
        due = [moment for moment in (self._events_due, self._touches_due) if moment is not None]
        return max(0, min(due) - time.monotonic()) if due else None

    def _succeed(self, outcomes: list[Outcome]) -> None:
        with self._condition:
            failing, self._failing = self._failing, None
            METRICS.set(FAILING, 0)
            self._retry_delay = RETRY_DELAY
        if failing is not None:
            _log.warning("the store commits again")
        # Only now: whoever saw its change committed must not be told that the store is failing.
        for outcome in outcomes:
            if outcome.error is None:
                outcome.future.set_result(outcome.result)
            else:
                outcome.future.set_exception(outcome.error)

    def _fail(self, batch: Batch, error: BaseException) -> None:
        with self._condition:
            first = self._failing is None
            METRICS.set(FAILING, 1)
            self._failing = str(error) or type(error).__name__
            if not self._closing:
                self._keep(batch)
            elif batch.events or batch.touches:
                self._failure = error
        if first:
            # Once, not at every attempt: the disk that is full may be the log's, too.
            _log.error("the store cannot commit and will try again: %s", self._failing)
        for task in batch.tasks:
            # One exception each: every waiting thread adds its own traceback when it raises.
            failure = StoreUnavailableError(f"the change could not be stored: {error}")
            failure.__cause__ = error
            task.future.set_exception(failure)

    def _keep(self, batch: Batch) -> None:
        """Have the events and last uses of a failed batch, and those that came meanwhile, tried again."""
        self._retry_at = time.monotonic() + self._retry_delay
        self._retry_delay = min(2 * self._retry_delay, RETRY_DELAY_LIMIT)
        self._events = batch.events + self._events
        self._events_due = self._retry_at if self._events else None
        self._touches = batch.touches | self._touches
        self._touches_due = self._retry_at if self._touches else None
        self._in_flight = Batch()


def _measured(commit: Callable[[Batch], list[Outcome]]) -> Callable[[Batch], list[Outcome]]:
    """The same, counted."""

    def measured(batch: Batch) -> list[Outcome]:
        began = perf_counter()
        outcome = "failed"
        try:
            outcomes = commit(batch)
            outcome = "durable"
        finally:
            METRICS.add(COMMITS, outcome)
            METRICS.observe(COMMIT_SECONDS, perf_counter() - began)
        METRICS.observe(GROUP_JOBS, len(batch.tasks))
        return outcomes

    return measured
