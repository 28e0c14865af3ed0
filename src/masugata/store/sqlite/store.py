"""The store on one SQLite file, shared by the processes of one machine."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from masugata.metrics import METRICS
from masugata.metrics.table import EVENTS_RECORDED
from masugata.records.kind import Kind
from masugata.store.changes import erases
from masugata.store.codec import codecs_of
from masugata.store.durable import DurableStore, outcome_of
from masugata.store.errors import (
    DuplicateNameError,
    StoreIncompatibleError,
    StoreUnavailableError,
)
from masugata.store.event import EventRow, microseconds
from masugata.store.export import Export
from masugata.store.query import EventQuery
from masugata.store.schema import migrations
from masugata.store.snapshot import Snapshot
from masugata.store.sqlite import events, rows, transfer
from masugata.store.sqlite.connection import connect, empty_wal, hold, prepare_file
from masugata.store.sqlite.migrate import migrate
from masugata.store.sqlite.turn import Turn
from masugata.store.transaction import Group
from masugata.store.writer import QUEUE_LIMIT, Batch, Outcome, Writer

T = TypeVar("T")

_CACHED = 32  # MiB of pages: those of the event log's postings lie anywhere


class SqliteStore(DurableStore[sqlite3.Connection]):
    """A durable `Store`.

    Three connections: one to see commits and catch up, one for look-ups in the event log, and one
    that only the writer thread uses.
    """

    def __init__(
        self,
        path: Path,
        kinds: Iterable[Kind[Any]],
        *,
        busy_timeout: float = 5.0,
        queue_limit: int = QUEUE_LIMIT,
    ) -> None:
        self._path = path
        self._busy_timeout = busy_timeout
        self._codecs = codecs_of(kinds)
        self._reader_lock = Lock()
        self._lookup_lock = Lock()
        self._publish_lock = Lock()
        self._writing: sqlite3.Connection | None = None
        self._erasing = True  # who had the database before may have been killed before it was done
        prepare_file(path)
        with _answering(f"cannot open the database `{path}`"), ExitStack() as opened:
            self._hold: int | None = hold(path)
            opened.callback(os.close, self._hold)
            status = path.stat()
            self._identity = (status.st_dev, status.st_ino)
            self._reader = opened.enter_context(closing(connect(path, busy_timeout)))
            migrate(self._reader, migrations("sqlite"), events.enter_all)
            self._seen = _data_version(self._reader)
            self._published = self._read(None)
            self._lookups = opened.enter_context(closing(connect(path, busy_timeout)))
            self._turn = Turn(path, busy_timeout)
            opened.pop_all()
        self._writer = Writer(self._commit, queue_limit=queue_limit, turn=self._turn)

    def __repr__(self) -> str:
        return f"<Store {self._path}>"

    def snapshot(self) -> Snapshot:
        """The newest committed state, commits of other processes included."""
        with self._reader_lock:
            self._check_open()
            try:
                # The hint comes first: a commit between it and the revision is only looked at twice.
                version = _data_version(self._reader)
                if version != self._seen:
                    self._publish(self._read(self._published))
                    self._seen = version
            except (sqlite3.Error, StoreIncompatibleError, DuplicateNameError) as error:
                raise StoreUnavailableError(f"the database cannot be read: {error}") from error
        return self._published

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
        with self._lookup_lock, _answering("the event log cannot be read"):
            self._check_open()
            with _transaction(self._lookups):
                return events.find(self._lookups, query)

    def touched(self, key: str) -> bytes | None:
        """The last use noted for `key`, or None."""
        waiting = self._writer.touched(key)
        if waiting is not None:
            return waiting
        with self._lookup_lock, _answering("the last uses cannot be read"):
            self._check_open()
            return events.touched(self._lookups, key)

    def touched_under(self, prefix: str) -> dict[str, bytes]:
        """The last uses noted for all keys that start with `prefix`."""
        waiting = self._writer.touched_under(prefix)
        with self._lookup_lock, _answering("the last uses cannot be read"):
            self._check_open()
            return events.touched_under(self._lookups, prefix) | waiting

    def delete_events_before(self, time: datetime) -> "Future[int]":
        """Delete at most 10,000 of the oldest events before `time`; gives how many."""
        limit = microseconds(time)
        return self._submit_on_database(lambda connection: events.delete_before(connection, limit))

    def delete_events_above(self, size: int) -> "Future[int]":
        """Delete at most 10,000 of the oldest events while all take over `size` bytes; gives how many."""
        return self._submit_on_database(lambda connection: events.delete_above(connection, size))

    def event_bytes(self) -> int:
        """About how many bytes all events take."""
        with self._lookup_lock, _answering("the event log cannot be read"):
            self._check_open()
            return events.size(self._lookups)

    def compact_changes(self) -> "Future[int]":
        """Forget all but the last 10,000 revisions of the change log; gives how many rows."""
        return self._submit_on_database(rows.compact)

    @contextmanager
    def export(self) -> Iterator[Export]:
        """Everything as of one commit, read while it is consumed; writers go on."""
        self._check_open()
        with self._own_connection("the database cannot be read") as connection, _transaction(connection):
            yield transfer.export(connection)

    def import_(self, source: Export) -> None:
        """Fill the empty database, all or nothing."""
        self._check_open()
        failure = "the database cannot be filled"
        with self._own_connection(failure) as connection, _transaction(connection, "IMMEDIATE"):
            self._check_file()
            transfer.import_(connection, self._codecs, source)
            connection.execute("COMMIT")

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty if nothing is."""
        self._check_open()
        try:
            connection = connect(self._path, self._busy_timeout)
        except sqlite3.Error as error:
            return [f"the database cannot be opened: {error}"]
        try:
            with _transaction(connection):
                damage = [row[0] for row in connection.execute("PRAGMA quick_check(20)") if row[0] != "ok"]
                orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
                damage += [f"a row of `{row[0]}` refers to a missing row of `{row[2]}`" for row in orphans]
                return damage or [*rows.check_names(connection, self._codecs), *events.check_size(connection)]
        except (sqlite3.Error, StoreIncompatibleError) as error:
            return [str(error)]
        finally:
            connection.close()

    def close(self) -> None:
        """Finish all waiting work and close."""
        try:
            self._writer.close()
        finally:
            with self._reader_lock, self._lookup_lock:
                self._closed = True
                self._reader.close()
                self._lookups.close()
                self._discard_writing()
                self._turn.close()
                if self._hold is not None:
                    os.close(self._hold)
                    self._hold = None

    @contextmanager
    def _own_connection(self, failure: str) -> Iterator[sqlite3.Connection]:
        # An error of a file that is read or written inside is not the database's.
        with _answering(failure, (sqlite3.Error,)), closing(connect(self._path, self._busy_timeout)) as own:
            yield own

    def _read(self, known: Snapshot | None) -> Snapshot:
        with _transaction(self._reader):
            return rows.newest(self._reader, self._codecs, known)

    def _publish(self, state: Snapshot) -> None:
        # The writer and the reader may both bring a revision; it must never go back.
        with self._publish_lock:
            if state.revision > self._published.revision:
                self._published = state

    def _commit(self, batch: Batch) -> list[Outcome]:
        """Do a batch in one database transaction; runs in the writer thread."""
        try:
            if self._writing is None:
                self._writing = connect(self._path, self._busy_timeout, cached=_CACHED)
            connection = self._writing
            connection.execute("BEGIN IMMEDIATE")
            self._check_file()
            group = Group(self._codecs, rows.newest(connection, self._codecs, self._published))
            outcomes = [outcome_of(task, group, connection) for task in batch.tasks]
            state = rows.write(connection, self._codecs, group)
            events.insert(connection, batch.events + group.events)
            events.touch(connection, batch.touches)
            events.forget(connection, group.forgotten)
            connection.execute("COMMIT")
        except BaseException:
            self._discard_writing()
            raise
        METRICS.add(EVENTS_RECORDED, by=len(batch.events) + len(group.events))
        self._publish(state)
        if self._erasing or erases(self._codecs, group):
            self._erasing = not empty_wal(connection)
        return outcomes

    def _check_file(self) -> None:
        """Commits into a file that was deleted or replaced meanwhile would be lost."""
        status = self._path.stat()
        if (status.st_dev, status.st_ino) != self._identity:
            raise StoreUnavailableError(f"`{self._path}` is no longer the file that was opened")

    def _discard_writing(self) -> None:
        # After a failure nobody can tell what state the connection is in; the next batch makes a new one.
        connection, self._writing = self._writing, None
        if connection is not None:
            with suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            connection.close()


def _data_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


@contextmanager
def _transaction(connection: sqlite3.Connection, sort: str = "DEFERRED") -> Iterator[None]:
    """All that is read inside is of one commit; what is written is undone, unless it was committed."""
    connection.execute(f"BEGIN {sort}")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def _answering(
    failure: str, errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError)
) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise StoreUnavailableError(f"{failure}: {error}") from error
