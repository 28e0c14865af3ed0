"""Events and last uses in PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from masugata.store import event_postings
from masugata.store.errors import StoreIncompatibleError
from masugata.store.event import DELETE_LIMIT, EVENT_OVERHEAD, EventRow
from masugata.store.event_rows import (
    BY_SEQ,
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
from masugata.store.postgres.connection import Connection
from masugata.store.query import EventQuery


def _sql(statement: str) -> str:
    return statement.replace("?", "%s").replace("instr(", "strpos(")


class _Database:
    """A connection as postings want it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        return self._connection.execute(_sql(statement), parameters).fetchall()

    def insert(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self.execute_many(statement, rows)

    def execute_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_sql(statement), rows)


def insert(connection: Connection, events: Iterable[EventRow], after: int) -> None:
    """Append checked events, numbered from `after` + 1; the caller has locked the head."""
    insert_numbered(connection, enumerate(events, after + 1))


def insert_numbered(connection: Connection, events: Iterable[tuple[int, EventRow]]) -> None:
    """Append checked events under rising numbers; the caller has locked the head."""
    if rows := event_rows(events):
        _Database(connection).insert(INSERT, rows)
        grown = (rows[-1][0], size_of(rows))
        connection.execute("UPDATE head SET seq = %s, event_bytes = event_bytes + %s", grown)


def enter_all(connection: Connection) -> None:
    """See to it that no event is to be looked through; nobody else commits."""
    enter(connection, _noted(connection, "indexed"), _noted(connection, "seq"), whole=True)


def enter(connection: Connection, indexed: int, last: int, *, whole: bool = False) -> None:
    """See to it that no more events than a few thousand are to be looked through, or none.

    `indexed` is the number of the newest event that is entered, `last` that of the newest one.
    """
    entered = event_postings.enter(_Database(connection), indexed, last, whole=whole)
    if entered != indexed:
        connection.execute("UPDATE head SET indexed = %s", (entered,))


def holds(connection: Connection, event: EventRow, seq: int) -> bool:
    """Whether this very event was stored under this number."""
    rows = connection.execute(_sql(BY_SEQ), (seq,)).fetchall()
    return [event_of(row) for row in rows] == [msgspec.structs.replace(event, seq=seq)]


def find(connection: Connection, query: EventQuery) -> list[EventRow]:
    """The events that answer a query, newest first."""
    return event_postings.find(_Database(connection), query, _noted(connection, "indexed"))


def delete_before(connection: Connection, time: int) -> int:
    """Delete a bounded number of the oldest events before `time`; gives how many."""
    return _delete(connection, connection.execute(_sql(OLDEST_BEFORE), (time, DELETE_LIMIT)).fetchall())


def delete_above(connection: Connection, limit: int) -> int:
    """Delete a bounded number of the oldest events while all take more than `limit` bytes; gives how many."""
    excess = size(connection) - limit
    if excess <= 0:
        return 0
    return _delete(connection, taken_from(connection.execute(_sql(OLDEST), (DELETE_LIMIT,)), excess))


def _delete(connection: Connection, oldest: Sequence[Any]) -> int:
    if oldest:
        event_postings.forget(_Database(connection), oldest)
        connection.execute(_sql(DELETE_OLDEST), oldest[-1][:2])
        shrunk = sum(row[-1] + EVENT_OVERHEAD for row in oldest)
        connection.execute("UPDATE head SET event_bytes = event_bytes - %s", (shrunk,))
    return len(oldest)


def size(connection: Connection) -> int:
    """About how many bytes all events take."""
    return _noted(connection, "event_bytes")


def _noted(connection: Connection, column: str) -> int:
    row = connection.execute(f"SELECT {column} FROM head").fetchone()  # noqa: S608  # a name from here
    if row is None:
        raise StoreIncompatibleError("the database has lost its `head`")
    noted: int = row[0]
    return noted


def check_size(connection: Connection) -> list[str]:
    """Compare what all events are said to take with what they take."""
    real = connection.execute(_sql(SIZE), (EVENT_OVERHEAD,)).fetchall()[0][0]
    noted = size(connection)
    return [] if noted == real else [f"the events are noted to take {noted} bytes and take {real}"]


def touch(connection: Connection, last_uses: Mapping[str, bytes]) -> None:
    """Write last uses."""
    with connection.cursor() as cursor:
        cursor.executemany(_sql(TOUCH), last_uses.items())


def touched(connection: Connection, key: str) -> bytes | None:
    """The last use written for `key`, or None."""
    row = connection.execute(_sql(TOUCHED), (key,)).fetchone()
    return None if row is None else row[0]


def touched_under(connection: Connection, prefix: str) -> dict[str, bytes]:
    """The last uses written for keys that start with `prefix`."""
    return dict(connection.execute(_sql(TOUCHED_UNDER), under(prefix)).fetchall())


def forget(connection: Connection, prefixes: Iterable[str]) -> None:
    """Delete the last uses of all keys that start with one of `prefixes`."""
    for prefix in prefixes:
        connection.execute(_sql(FORGET), under(prefix))
