"""What stores with a database have in common: a writer in front of it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from masugata.store.errors import StoreError, StoreUnavailableError
from masugata.store.event import EventRow, check_event, check_text
from masugata.store.transaction import Group, Transaction
from masugata.store.writer import Outcome, Task, Writer

C = TypeVar("C")
T = TypeVar("T")


class DurableStore(Generic[C]):
    """The part of a `Store` that only its writer is asked for; `C` is the database's connection."""

    ephemeral = False
    _writer: Writer
    _closed = False

    @property
    def failing(self) -> str | None:
        """Why the last commit failed, or None if it did not."""
        return self._writer.failing

    def submit(self, job: Callable[[Transaction], T]) -> "Future[T]":
        """Run `job` in the writer; the future has its result once all it changed is durable."""
        future: Future[T] = Future()
        self._writer.submit(Task(job, future))
        return future

    def record_event(self, event: EventRow) -> None:
        """Store an event within 20 ms; raises `StoreUnavailableError` while commits fail."""
        check_event(event)
        self._writer.add_event(event)

    def record_durably(self, events: Sequence[EventRow], result: T) -> "Future[T]":
        """Store events of what changes nothing; the future has `result` once they are durable."""
        for event in events:
            check_event(event)
        future: Future[T] = Future()
        self._writer.submit(Task(lambda _: result, future, events=events))
        return future

    def flush(self) -> "Future[None]":
        """Done once every event and last use recorded before is durable."""
        return self.submit(lambda _: None)

    def touch(self, key: str, body: bytes) -> None:
        """Note the last use of something, durable within seconds."""
        check_text(key)
        self._writer.touch(key, bytes(body))

    def reset(self) -> None:
        """Raises `StoreError`: what is durable is not forgotten."""
        raise StoreError("only an ephemeral store can be reset")

    def _submit_on_database(self, job: Callable[[C], T]) -> "Future[T]":
        future: Future[T] = Future()
        self._writer.submit(Task(job, future, on_database=True))
        return future

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError("the store is closed")


def outcome_of(task: Task, group: Group, connection: object) -> Outcome:
    """Do one task of a batch: on the database itself, or as a job of `group`."""
    if task.on_database:
        return Outcome(task.future, task.job(connection))  # if the database refuses, the whole batch fails
    if task.events:  # it reads and changes no record, so that it needs no transaction
        group.events += task.events
        return Outcome(task.future, task.job(None))
    try:
        return Outcome(task.future, group.run(task.job))
    except BaseException as error:  # noqa: BLE001  # whatever it is belongs to the one who waits
        return Outcome(task.future, None, error)
