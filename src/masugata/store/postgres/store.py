"""The store on a PostgreSQL database, shared by the nodes of one installation."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

import psycopg

from masugata.records.kind import Kind
from masugata.store.codec import codecs_of
from masugata.store.durable import DurableStore
from masugata.store.errors import (
    DuplicateNameError,
    StoreError,
    StoreIncompatibleError,
    StoreUnavailableError,
)
from masugata.store.event import EventRow, microseconds
from masugata.store.export import Export
from masugata.store.postgres import events, rows, transfer
from masugata.store.postgres.address import Address, address
from masugata.store.postgres.commit import Commits
from masugata.store.postgres.connection import Connection, connect, reason
from masugata.store.postgres.listener import Listener
from masugata.store.postgres.migrate import migrate, present_schema
from masugata.store.postgres.session import Session
from masugata.store.postgres.shared_read import SharedRead
from masugata.store.query import EventQuery
from masugata.store.schema import migrations
from masugata.store.snapshot import Snapshot
from masugata.store.writer import QUEUE_LIMIT, Writer

T = TypeVar("T")

_LONG = 4  # how many times the lock's patience a commit may take
_PATIENCE = 60.0  # seconds, to find out what there is
_MIGRATION = 600.0  # seconds, for one by this node or by another: it may rewrite the event log


class PostgresStore(DurableStore[Connection]):
    """A durable `Store` for several nodes.

    Four connections: one to see commits and catch up, one for look-ups in the event log, one that
    only the writer thread uses, and one to hear of other nodes' commits.
    """

    def __init__(
        self,
        url: str,
        kinds: Iterable[Kind[Any]],
        *,
        busy_timeout: float = 5.0,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        self._address = address(url)
        self._timeout = busy_timeout
        self._codecs = codecs_of(kinds)
        self._publish_lock = Lock()
        self._reading = Session(lambda: self._connect(busy_timeout))
        self._lookups = Session(lambda: self._connect(busy_timeout))
        try:
            with self._answering(f"cannot open the database `{self._address.name}`"):
                with closing(_connect_patiently(self._address, _MIGRATION)) as connection:
                    migrate(connection, migrations("postgres"), events.enter_all)
                self._published = self._reading.run(self._load)
        except BaseException:
            self._reading.close()
            raise
        self._snapshots = SharedRead(lambda: self._reading.run(self._catch_up))
        self._commits = Commits(
            Session(lambda: self._connect(_LONG * busy_timeout)),
            self._codecs,
            lambda: self._published,
            self._publish,
        )
        self._writer = Writer(self._commits.commit, queue_limit=queue_limit)
        self._listener = Listener(lambda: self._connect(busy_timeout), self.snapshot)

    def __repr__(self) -> str:
        return f"<Store {self._address.name}>"

    def snapshot(self) -> Snapshot:
        """The newest committed state, commits of other nodes included.

        It is known to be the newest because the revision is read after the call began; callers in
        several threads share such a read.
        """
        self._check_open()
        with self._answering("the database cannot be read"):
            try:
                return self._snapshots.get()
            except (StoreIncompatibleError, DuplicateNameError) as error:
                raise StoreUnavailableError(f"the database cannot be read: {error}") from error

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
        """Committed events, newest first."""
        query = EventQuery.of(account, region, start, end, attribute, before_seq, limit)

        def find(connection: Connection) -> list[EventRow]:
            with rows.reading(connection):
                return events.find(connection, query)

        return self._look_up(find, "the event log cannot be read")

    def touched(self, key: str) -> bytes | None:
        """The last use noted for `key`, or None."""
        waiting = self._writer.touched(key)
        if waiting is not None:
            return waiting
        return self._look_up(
            lambda connection: events.touched(connection, key), "the last uses cannot be read"
        )

    def touched_under(self, prefix: str) -> dict[str, bytes]:
        """The last uses noted for all keys that start with `prefix`."""
        waiting = self._writer.touched_under(prefix)
        written = self._look_up(
            lambda connection: events.touched_under(connection, prefix), "the last uses cannot be read"
        )
        return written | waiting

    def delete_events_before(self, time: datetime) -> "Future[int]":
        """Delete at most 10,000 of the oldest events before `time`; gives how many."""
        limit = microseconds(time)
        return self._submit_on_database(lambda connection: events.delete_before(connection, limit))

    def delete_events_above(self, size: int) -> "Future[int]":
        """Delete at most 10,000 of the oldest events while all take over `size` bytes; gives how many."""
        return self._submit_on_database(lambda connection: events.delete_above(connection, size))

    def event_bytes(self) -> int:
        """About how many bytes all events take."""
        return self._look_up(events.size, "the event log cannot be read")

    def compact_changes(self) -> "Future[int]":
        """Forget all but the last 10,000 revisions of the change log; gives how many rows."""
        return self._submit_on_database(rows.compact)

    @contextmanager
    def export(self) -> Iterator[Export]:
        """Everything as of one commit, read while it is consumed; writers go on."""
        self._check_open()
        with self._own_connection("the database cannot be read") as connection, rows.reading(connection):
            yield transfer.export(connection)

    def import_(self, source: Export) -> None:
        """Fill the empty database, all or nothing."""
        self._check_open()
        with self._own_connection("the database cannot be filled") as connection:
            transfer.import_(connection, self._codecs, source)
            connection.execute("COMMIT")

    @contextmanager
    def _own_connection(self, failure: str) -> Iterator[Connection]:
        with self._answering(failure), closing(_connect_patiently(self._address)) as connection:
            yield connection

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty if nothing is."""
        self._check_open()

        def look(connection: Connection) -> list[str]:
            with rows.reading(connection):
                return [*rows.problems(connection, self._codecs), *events.check_size(connection)]

        session = Session(lambda: self._connect(_LONG * self._timeout))
        try:
            return session.run(look)
        except (psycopg.Error, StoreError) as error:
            return [reason(error)]
        finally:
            session.close()

    def close(self) -> None:
        """Finish all waiting work and close."""
        if self._closed:
            return
        self._closed = True
        self._listener.close()
        try:
            self._writer.close()
        finally:
            for session in (self._reading, self._lookups, self._commits.session):
                session.close()

    def _look_up(self, job: Callable[[Connection], T], failure: str) -> T:
        self._check_open()
        with self._answering(failure):
            return self._lookups.run(job)

    def _connect(self, statement_seconds: float) -> Connection:
        return connect(self._address, lock_seconds=self._timeout, statement_seconds=statement_seconds)

    def _load(self, connection: Connection) -> rows.State:
        with rows.reading(connection):
            return rows.newest(connection, self._codecs, None, rows.head(connection))

    def _catch_up(self, connection: Connection) -> Snapshot:
        now, known = rows.head(connection), self._published
        if (now.revision, now.stamp) != (known.snapshot.revision, known.stamp):
            # Read again, because the writer may have published a newer state since.
            with rows.reading(connection):
                self._publish(rows.newest(connection, self._codecs, known, rows.head(connection)))
        return self._published.snapshot

    def _publish(self, state: rows.State) -> None:
        # The writer and the reader may both bring a revision; it must never go back.
        with self._publish_lock:
            if state.snapshot.revision > self._published.snapshot.revision:
                self._published = state

    @contextmanager
    def _answering(self, failure: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise StoreUnavailableError(f"{failure}: {reason(error)}") from error


def is_installed(url: str) -> bool:
    """Whether a store was made in this database before; raises `StoreUnavailableError`."""
    place = address(url)
    try:
        with closing(_connect_patiently(place)) as connection:
            return present_schema(connection, len(migrations("postgres"))) > 0
    except psycopg.Error as error:
        raise StoreUnavailableError(f"cannot open the database `{place.name}`: {reason(error)}") from error


def _connect_patiently(place: Address, seconds: float = _PATIENCE) -> Connection:
    return connect(place, lock_seconds=seconds, statement_seconds=seconds)
