"""A store that keeps everything in memory and runs jobs in the caller's thread."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime
from itertools import islice
from threading import RLock
from typing import Any, TypeVar

import msgspec

from masugata.records.kind import Kind
from masugata.store.codec import codecs_of
from masugata.store.errors import StoreError, StoreUnavailableError
from masugata.store.event import ATTRIBUTES, DELETE_LIMIT, EventRow, check_event, check_text, microseconds
from masugata.store.query import EventQuery
from masugata.store.snapshot import Snapshot
from masugata.store.transaction import Group, Transaction

T = TypeVar("T")

EVENT_LIMIT = 100_000


class MemoryStore:
    """An ephemeral `Store`; the oldest events go when there are more than `event_limit`."""

    ephemeral = True

    def __init__(self, kinds: Iterable[Kind[Any]], *, event_limit: int = EVENT_LIMIT) -> None:
        self._codecs = codecs_of(kinds)
        self._snapshot = Snapshot()
        self._events: deque[EventRow] = deque(maxlen=event_limit)
        self._seq = 0
        self._touched: dict[str, bytes] = {}
        self._lock = RLock()
        self._in_job = False
        self._closed = False

    def __repr__(self) -> str:
        return "<Store in memory>"

    def snapshot(self) -> Snapshot:
        """The newest committed state."""
        self._check_open()
        return self._snapshot

    def submit(self, job: Callable[[Transaction], T]) -> "Future[T]":
        """Run `job` at once; the future is done when this returns."""
        future: Future[T] = Future()
        with self._lock:
            self._check_open()
            if self._in_job:
                raise StoreError("a job cannot submit another job")
            self._in_job = True
            try:
                group = Group(self._codecs, self._snapshot)
                result = group.run(job)
                if group.changes:
                    self._snapshot = group.state.at(self._snapshot.revision + 1)
                self._append(group.events)
                future.set_result(result)
            except Exception as error:  # noqa: BLE001  # whatever it is belongs to the one who waits
                future.set_exception(error)
            finally:
                self._in_job = False
        return future

    def record_event(self, event: EventRow) -> None:
        """Store an event."""
        check_event(event)
        with self._lock:
            self._check_open()
            self._append([event])

    def flush(self) -> "Future[None]":
        """Done."""
        return self.submit(lambda _: None)

    def events(
        self,
        account: str,
        region: str,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        attribute: tuple[str, str] | None = None,
        before_seq: int | None = None,
        limit: int = 50,
    ) -> list[EventRow]:
        """Events, newest first."""
        query = EventQuery.of(account, region, start, end, attribute, before_seq, limit)
        with self._lock:
            self._check_open()
            events = list(self._events)
        cursor = next(((e.time, e.seq) for e in events if e.seq == query.before_seq), None)
        if query.before_seq is not None and cursor is None:
            return []
        matches = (ATTRIBUTES[query.attribute[0]], query.attribute[1]) if query.attribute else None
        found = (
            event
            for event in sorted(events, key=lambda e: (e.time, e.seq), reverse=True)
            if event.account == account
            and event.region == region
            and (start is None or event.time >= start)
            and (end is None or event.time <= end)
            and (cursor is None or (event.time, event.seq) < cursor)
            and (matches is None or matches[0](event, matches[1]))
        )
        return list(islice(found, query.limit))

    def touch(self, key: str, body: bytes) -> None:
        """Note the last use of something."""
        check_text(key)
        with self._lock:
            self._check_open()
            self._touched[key] = bytes(body)

    def touched(self, key: str) -> bytes | None:
        """The last use noted for `key`, or None."""
        self._check_open()
        return self._touched.get(key)

    def delete_events_before(self, time: datetime) -> "Future[int]":
        """Delete the oldest events before `time`; gives how many."""
        microseconds(time)

        def delete(_: Transaction) -> int:
            old = sorted((event.time, event.seq) for event in self._events if event.time < time)
            gone = {seq for _, seq in old[:DELETE_LIMIT]}
            self._events = deque((e for e in self._events if e.seq not in gone), self._events.maxlen)
            return len(gone)

        return self.submit(delete)

    def compact_changes(self) -> "Future[int]":
        """Nothing to do: there is no change log without other processes."""
        return self.submit(lambda _: 0)

    def reset(self) -> None:
        """Forget everything; the revision still moves on, so that no cache mistakes old for new."""
        with self._lock:
            self._check_open()
            if self._in_job:
                raise StoreError("a job cannot reset the store")
            self._snapshot = Snapshot(self._snapshot.revision + 1)
            self._events.clear()
            self._touched.clear()

    def check(self) -> list[str]:
        """Nothing is ever wrong."""
        self._check_open()
        return []

    def close(self) -> None:
        """Refuse everything from now on."""
        with self._lock:
            self._closed = True

    def _append(self, events: Iterable[EventRow]) -> None:
        for event in events:
            self._seq += 1
            self._events.append(msgspec.structs.replace(event, seq=self._seq))

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError("the store is closed")
