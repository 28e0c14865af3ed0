"""Events and last uses in SQLite."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from masugata.store import event_postings
from masugata.store.event import DELETE_LIMIT, EVENT_OVERHEAD, EventRow
from masugata.store.event_rows import (
    ALL,
    DELETE_OLDEST,
    FORGET,
    INSERT,
    OLDEST,
    OLDEST_BEFORE,
    SIZE,
    TOUCH,
    TOUCHED,
    TOUCHED_UNDER,
    event_of,
    event_rows,
    size_of,
    taken_from,
    under,
)
from masugata.store.query import EventQuery
from masugata.store.sqlite.rows import meta

_ROWS_AT_ONCE = 64  # a power of two
_GROW = """
UPDATE meta SET value = CASE key WHEN 'seq' THEN ? ELSE value + ? END WHERE key IN ('event_bytes', 'seq')
"""


class _Database:
    """A connection as postings want it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        return self._connection.execute(statement, parameters).fetchall()

    def insert(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, up to 64 with one call: `executemany` lets go of the interpreter for each of them.

        Whoever answers requests takes it then, and the writer waits for it again: which costs both more
        than the row. By powers of two, so that there are few different statements.
        """
        start, count = 0, _ROWS_AT_ONCE
        while start < len(rows):
            if len(rows) - start < count:
                count //= 2
                continue
            values = [value for row in rows[start : start + count] for value in row]
            self._connection.execute(_many(statement, count), values)
            start += count

    def execute_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(statement, rows)


def insert(connection: sqlite3.Connection, events: Sequence[EventRow]) -> None:
    """Append checked events; their numbers follow the last one ever given."""
    if events:
        insert_numbered(connection, enumerate(events, last_seq(connection) + 1))


def last_seq(connection: sqlite3.Connection) -> int:
    """The number of the newest event ever stored, 0 before the first."""
    return meta(connection, "seq")


def insert_numbered(connection: sqlite3.Connection, events: Iterable[tuple[int, EventRow]]) -> None:
    """Append checked events under rising numbers."""
    if rows := event_rows(events):
        _Database(connection).insert(INSERT, rows)
        connection.execute(_GROW, (rows[-1][0], size_of(rows)))
        _enter(connection)


def set_last_seq(connection: sqlite3.Connection, seq: int) -> None:
    """Have the next event numbered behind `seq`."""
    connection.execute(_GROW, (seq, 0))


def enter_all(connection: sqlite3.Connection) -> None:
    """See to it that no event is to be looked through."""
    _enter(connection, whole=True)


def _enter(connection: sqlite3.Connection, *, whole: bool = False) -> None:
    indexed, last = meta(connection, "indexed"), last_seq(connection)
    entered = event_postings.enter(_Database(connection), indexed, last, whole=whole)
    if entered != indexed:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'indexed'", (entered,))


@cache
def _many(statement: str, count: int) -> str:
    """An INSERT of one row as one of `count` rows."""
    start, values, row = statement.partition("VALUES ")
    return f"{start}{values}{', '.join([row.strip()] * count)}"


def find(connection: sqlite3.Connection, query: EventQuery) -> list[EventRow]:
    """The events that answer a query, newest first."""
    return event_postings.find(_Database(connection), query, meta(connection, "indexed"))


def all_events(connection: sqlite3.Connection) -> Iterator[EventRow]:
    """All events by number, read while they are consumed."""
    return map(event_of, connection.execute(ALL))


def size(connection: sqlite3.Connection) -> int:
    """About how many bytes all events take."""
    return meta(connection, "event_bytes")


def check_size(connection: sqlite3.Connection) -> list[str]:
    """Compare what all events are said to take with what they take."""
    real: int = connection.execute(SIZE, (EVENT_OVERHEAD,)).fetchone()[0]
    noted = size(connection)
    return [] if noted == real else [f"the events are noted to take {noted} bytes and take {real}"]


def delete_before(connection: sqlite3.Connection, time: int) -> int:
    """Delete a bounded number of the oldest events before `time`; gives how many."""
    return _delete(connection, connection.execute(OLDEST_BEFORE, (time, DELETE_LIMIT)).fetchall())


def delete_above(connection: sqlite3.Connection, limit: int) -> int:
    """Delete a bounded number of the oldest events while all take more than `limit` bytes; gives how many."""
    oldest = connection.execute(OLDEST, (DELETE_LIMIT,))
    return _delete(connection, taken_from(oldest, size(connection) - limit))


def _delete(connection: sqlite3.Connection, oldest: Sequence[Any]) -> int:
    if oldest:
        connection.execute("PRAGMA secure_delete = OFF")  # which would take longer; they hold no secrets
        try:
            event_postings.forget(_Database(connection), oldest)
            connection.execute(DELETE_OLDEST, oldest[-1][:2])
        finally:
            connection.execute("PRAGMA secure_delete = ON")
        shrunk = sum(row[-1] + EVENT_OVERHEAD for row in oldest)
        connection.execute("UPDATE meta SET value = value - ? WHERE key = 'event_bytes'", (shrunk,))
    return len(oldest)


def touch(connection: sqlite3.Connection, last_uses: Mapping[str, bytes]) -> None:
    """Write last uses."""
    connection.executemany(TOUCH, last_uses.items())


def touched(connection: sqlite3.Connection, key: str) -> bytes | None:
    """The last use written for `key`, or None."""
    row = connection.execute(TOUCHED, (key,)).fetchone()
    return None if row is None else row[0]


def touched_under(connection: sqlite3.Connection, prefix: str) -> dict[str, bytes]:
    """The last uses written for keys that start with `prefix`."""
    return dict(connection.execute(TOUCHED_UNDER, under(prefix)).fetchall())


def forget(connection: sqlite3.Connection, prefixes: Iterable[str]) -> None:
    """Delete the last uses of all keys that start with one of `prefixes`."""
    for prefix in prefixes:
        connection.execute(FORGET, under(prefix))
