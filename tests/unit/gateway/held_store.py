"""A store in which something happens before a job, or a commit that does not end, or fails."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from masugata.store import EventRow, StoreBusyError, Transaction
from support import House

Job = Callable[[Transaction], Any]


class Store:
    """The house's store, with something happening before each job or its end."""

    def __init__(self, house: House) -> None:
        self._store = house.store
        self.before: Job | None = None
        self.held: list[tuple[Future[Any], Future[Any]]] | None = None
        self.failure: Exception | None = None
        house.gateway.store = self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def submit(self, job: Job) -> "Future[Any]":
        """Run a job after `before`; with `held`, its future stays open; with `failure`, it fails."""
        return self._after(lambda: self._store.submit(job))

    def record_durably(self, rows: Sequence[EventRow], result: Any) -> "Future[Any]":
        """Store events as `submit` runs a job."""
        return self._after(lambda: self._store.record_durably(rows, result))

    def _after(self, hand_in: Callable[[], "Future[Any]"]) -> "Future[Any]":
        if self.failure is not None and isinstance(self.failure, StoreBusyError):
            raise self.failure
        if self.before is not None:
            before, self.before = self.before, None
            self._store.submit(before).result()
        done = hand_in()
        if self.failure is not None:
            done = Future()
            done.set_exception(self.failure)
        if self.held is None:
            return done
        answer: Future[Any] = Future()
        self.held.append((answer, done))
        return answer

    def release(self) -> None:
        """Let the held jobs be durable."""
        assert self.held is not None
        for answer, done in self.held:
            answer.set_result(done.result())
