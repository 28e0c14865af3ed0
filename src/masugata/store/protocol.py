"""What readers of records and users of a store can rely on."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from masugata.records.kind import Kind, R
from masugata.store.event import EventRow
from masugata.store.export import Export
from masugata.store.snapshot import Snapshot
from masugata.store.transaction import Transaction

T = TypeVar("T")


class Records(Protocol):
    """Reading records, from a snapshot or from an open transaction alike."""

    def get(self, kind: Kind[R], account: str, key: str, region: str = "") -> R | None:
        """The record with this key, or None."""
        ...

    def scan(self, kind: Kind[R], account: str, region: str = "", *, after: str | None = None) -> Iterator[R]:
        """The records of one account and Region by key, starting behind the key `after`."""
        ...

    def count(self, kind: Kind[R], account: str, region: str = "") -> int:
        """How many records of a kind one account and Region have."""
        ...

    def partitions(self, kind: Kind[R]) -> list[tuple[str, str]]:
        """The (account, Region) pairs that have at least one record of a kind, sorted."""
        ...

    def by_name(self, kind: Kind[R], label: str, value: str) -> tuple[str, str, R] | None:
        """The account, Region and record that has this unique name, or None."""
        ...

    def referring(self, kind: Kind[R], account: str, label: str, value: str, region: str = "") -> list[R]:
        """The records of one account and Region that carry this reference, by key."""
        ...

    def scan_referring(
        self,
        kind: Kind[R],
        account: str,
        label: str,
        value: str,
        region: str = "",
        *,
        after: str | None = None,
    ) -> Iterator[R]:
        """As `referring`, but one record after the other, starting behind the key `after`."""
        ...

    def count_referring(self, kind: Kind[R], account: str, label: str, value: str, region: str = "") -> int:
        """How many records of one account and Region carry this reference."""
        ...

    def state_of(self, kind: Kind[R]) -> object:
        """An object that is the same as long as no record of this kind has changed: compare it by `is`."""
        ...


class Store(Protocol):
    """Records, events and last-used times of one installation.

    Any method may be called from any thread, but `submit` not from inside a job. Methods that
    reach the database raise `StoreUnavailableError` if it does not answer.
    """

    @property
    def ephemeral(self) -> bool:
        """Whether everything is gone once the store is closed."""
        ...

    @property
    def failing(self) -> str | None:
        """Why the last commit failed, or None if it did not; snapshots can be read all the same."""
        ...

    def snapshot(self) -> Snapshot:
        """The newest committed state, commits of other processes included."""
        ...

    def submit(self, job: Callable[[Transaction], T]) -> "Future[T]":
        """Run `job` in the writer; the future has its result once all it changed is durable.

        If the job raises, its changes and events are dropped and the future has the exception. A
        future that is cancelled before its job starts never runs. Raises `StoreBusyError` if too
        many jobs wait.
        """
        ...

    def record_event(self, event: EventRow) -> None:
        """Store an event within 20 ms.

        Raises `StoreBusyError` if too many wait, and `StoreUnavailableError` while commits fail.
        """
        ...

    def record_durably(self, events: Sequence[EventRow], result: T) -> "Future[T]":
        """Store events of what changes nothing; the future has `result` once they are durable.

        They are committed with whatever else waits, all of them or none. Raises as `submit` and, for an
        event that no database could hold, `InvalidRecordError`.
        """
        ...

    def flush(self) -> "Future[None]":
        """Done once every event and last use recorded before is durable."""
        ...

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
        """Committed events, newest first, `start` and `end` included.

        `attribute` is one of CloudTrail's look-up attributes and its value; `before_seq` is the
        `seq` of the last event of the page before; `limit` is at most 1000.
        """
        ...

    def touch(self, key: str, body: bytes) -> None:
        """Note the last use of something, durable within seconds; the last one wins."""
        ...

    def touched(self, key: str) -> bytes | None:
        """The last use noted for `key`, or None."""
        ...

    def touched_under(self, prefix: str) -> dict[str, bytes]:
        """The last uses noted for all keys that start with `prefix`, which is not empty."""
        ...

    def delete_events_before(self, time: datetime) -> "Future[int]":
        """Delete at most 10,000 of the oldest events before `time`; gives how many."""
        ...

    def delete_events_above(self, size: int) -> "Future[int]":
        """Delete at most 10,000 of the oldest events while all take over `size` bytes; gives how many."""
        ...

    def event_bytes(self) -> int:
        """About how many bytes all events take."""
        ...

    def compact_changes(self) -> "Future[int]":
        """Forget all but the last 10,000 revisions of the change log; gives how many rows."""
        ...

    def reset(self) -> None:
        """Forget everything, if the store is ephemeral; else raises `StoreError`."""
        ...

    def export(self) -> AbstractContextManager[Export]:
        """Everything as of one commit, read while it is consumed inside the block; writers go on."""
        ...

    def import_(self, source: Export) -> None:
        """Fill the empty store, all or nothing, under a newer revision than its own and the source's.

        Raises `StoreError` if it is not empty, `StoreIncompatibleError` for a row that this program
        cannot read; whatever the source raises goes on, and nothing was kept.
        """
        ...

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty if nothing is."""
        ...

    def close(self) -> None:
        """Finish all waiting work and close; further calls raise `StoreUnavailableError`."""
        ...
