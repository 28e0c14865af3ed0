"""A store that keeps everything in memory and runs jobs in the caller's thread."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from itertools import dropwhile, islice, takewhile
from threading import RLock
from typing import Any, TypeVar

import msgspec

from masugata.metrics import METRICS
from masugata.metrics.table import EVENTS_RECORDED
from masugata.records.kind import Kind
from masugata.store.codec import Codecs, codecs_of
from masugata.store.errors import (
    DuplicateNameError,
    StoreError,
    StoreIncompatibleError,
    StoreUnavailableError,
)
from masugata.store.event import (
    ATTRIBUTES,
    DELETE_LIMIT,
    EventRow,
    check_event,
    check_text,
    microseconds,
)
from masugata.store.export import Export, LastUse, RecordRow, checked_events, checked_record
from masugata.store.query import EventQuery
from masugata.store.snapshot import Snapshot, SnapshotBuilder
from masugata.store.transaction import Group, Transaction

T = TypeVar("T")

EVENT_BYTES = 16 << 20
_ROW_BYTES = 512  # about what an event takes in memory besides its body and resources


class MemoryStore:
    """An ephemeral `Store`; the oldest events go when all together take more than `event_bytes`."""

    ephemeral = True

    def __init__(self, kinds: Iterable[Kind[Any]], *, event_bytes: int = EVENT_BYTES) -> None:
        self._codecs = codecs_of(kinds)
        self._snapshot = Snapshot()
        self._events: deque[EventRow] = deque()  # by time, then by seq
        self._event_limit = event_bytes
        self._event_bytes = 0
        self._seq = 0
        self._touched: dict[str, bytes] = {}
        self._lock = RLock()
        self._in_job = False
        self._closed = False

    def __repr__(self) -> str:
        return "<Store in memory>"

    @property
    def failing(self) -> str | None:
        """None: memory takes everything."""
        return None

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
                self._forget_uses(group.forgotten)
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

    def record_durably(self, events: Sequence[EventRow], result: T) -> "Future[T]":
        """Store events; the future has `result` when this returns."""
        for event in events:
            check_event(event)
        with self._lock:
            self._check_open()
            self._append(events)
        future: Future[T] = Future()
        future.set_result(result)
        return future

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
            return list(islice(self._found(query, start, end), query.limit))

    def history(self, account: str) -> list[EventRow]:
        """All events of an account that are still kept, in all Regions, in the order they came in."""
        with self._lock:
            self._check_open()
            own = [event for event in self._events if event.account == account]
        return sorted(own, key=lambda event: event.seq)

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

    def touched_under(self, prefix: str) -> dict[str, bytes]:
        """The last uses noted for all keys that start with `prefix`."""
        with self._lock:
            self._check_open()
            return {key: body for key, body in self._touched.items() if key.startswith(prefix)}

    def delete_events_before(self, time: datetime) -> "Future[int]":
        """Delete the oldest events before `time`; gives how many."""
        microseconds(time)

        def delete(_: Transaction) -> int:
            gone = 0
            while gone < DELETE_LIMIT and self._events and self._events[0].time < time:
                self._forget_oldest()
                gone += 1
            return gone

        return self.submit(delete)

    def delete_events_above(self, size: int) -> "Future[int]":
        """Delete at most 10,000 of the oldest events while all take over `size` bytes; gives how many."""

        def delete(_: Transaction) -> int:
            gone = 0
            while gone < DELETE_LIMIT and self._event_bytes > size:
                self._forget_oldest()
                gone += 1
            return gone

        return self.submit(delete)

    def event_bytes(self) -> int:
        """About how many bytes all events take."""
        self._check_open()
        return self._event_bytes

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
            self._event_bytes = 0
            self._touched.clear()

    @contextmanager
    def export(self) -> Iterator[Export]:
        """Everything as of now."""
        with self._lock:
            self._check_open()
            snapshot, seq = self._snapshot, self._seq
            events, touched = sorted(self._events, key=lambda event: event.seq), dict(self._touched)
        yield Export(
            revision=snapshot.revision,
            last_seq=seq,
            records=(
                RecordRow(*identity, self._codecs[identity.service, identity.kind].encode(record)[0])
                for identity, record in snapshot.rows()
            ),
            events=iter(events),
            last_uses=(LastUse(*use) for use in touched.items()),
        )

    def import_(self, source: Export) -> None:
        """Fill the empty store, all or nothing; of the events the newest, as many as it holds."""
        with self._lock:
            self._check_open()
            if self._in_job:
                raise StoreError("a job cannot fill the store")
            if any(True for _ in self._snapshot.rows()) or self._events or self._touched:
                raise StoreError("the store is not empty")
            builder = _loaded(source, self._codecs)
            events = list(checked_events(source.events, source.last_seq))
            touched = {use.key: use.body for use in source.last_uses}
            self._snapshot = builder.build(max(source.revision, self._snapshot.revision) + 1)
            for event in events:
                self._insert(event)
            self._seq = max(self._seq, source.last_seq)
            self._touched = touched

    def check(self) -> list[str]:
        """Nothing is ever wrong."""
        self._check_open()
        return []

    def close(self) -> None:
        """Refuse everything from now on."""
        with self._lock:
            self._closed = True

    def _append(self, events: Collection[EventRow]) -> None:
        METRICS.add(EVENTS_RECORDED, by=len(events))
        for event in events:
            self._seq += 1
            self._insert(msgspec.structs.replace(event, seq=self._seq))

    def _insert(self, row: EventRow) -> None:
        # Threads and clocks do not keep step: an event may belong a little before the end.
        self._events.insert(len(self._events) - self._later_than(row.time), row)
        self._event_bytes += _size(row)
        while self._event_bytes > self._event_limit:
            self._forget_oldest()

    def _later_than(self, time: datetime) -> int:
        return sum(1 for _ in takewhile(lambda event: event.time > time, reversed(self._events)))

    def _forget_oldest(self) -> None:
        self._event_bytes -= _size(self._events.popleft())

    def _found(self, query: EventQuery, start: datetime | None, end: datetime | None) -> Iterator[EventRow]:
        """What answers a query, newest first; the caller holds the lock."""
        newest: Iterator[EventRow] = reversed(self._events)
        if query.before_seq is not None:
            newest = islice(dropwhile(lambda event: event.seq != query.before_seq, newest), 1, None)
        if start is not None:
            newest = takewhile(lambda event: event.time >= start, newest)
        matches = (ATTRIBUTES[query.attribute[0]], query.attribute[1]) if query.attribute else None
        return (
            event
            for event in newest
            if event.account == query.account
            and event.region == query.region
            and (end is None or event.time <= end)
            and (matches is None or matches[0](event, matches[1]))
        )

    def _forget_uses(self, prefixes: Iterable[str]) -> None:
        for prefix in prefixes:
            for key in [key for key in self._touched if key.startswith(prefix)]:
                del self._touched[key]

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError("the store is closed")


def _loaded(source: Export, codecs: Codecs) -> SnapshotBuilder:
    """The records of `source`; raises `StoreIncompatibleError` for any that cannot be taken."""
    partitions: dict[tuple[str, str, str, str], dict[str, bytes]] = {}
    for row in source.records:
        identity, _ = checked_record(row, codecs)
        bodies = partitions.setdefault(identity[:4], {})
        if identity.key in bodies:
            raise StoreIncompatibleError(f"two records have the key `{row.key}`")
        bodies[identity.key] = row.body
    builder = SnapshotBuilder()
    try:
        for (service, kind, account, region), bodies in partitions.items():
            builder.add(codecs[service, kind], account, region, bodies.items())
    except DuplicateNameError as error:
        raise StoreIncompatibleError(str(error)) from error
    return builder


def _size(event: EventRow) -> int:
    return _ROW_BYTES + len(event.body) + sum(len(kind) + len(name) for kind, name in event.resources)
