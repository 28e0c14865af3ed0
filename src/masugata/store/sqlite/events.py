"""Events and last uses in SQLite."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from masugata.store.event import DELETE_LIMIT, EVENT_OVERHEAD, EventRow
from masugata.store.event_rows import (
    ALL,
    ALL_RESOURCES,
    DELETE,
    FORGET,
    INSERT,
    INSERT_RESOURCE,
    OLDEST,
    OLDEST_BEFORE,
    SIZE,
    TOUCH,
    TOUCHED,
    TOUCHED_UNDER,
    event_rows,
    events_of,
    merged,
    numbered,
    page,
    resources_of,
    size_of,
    taken_from,
    under,
)
from masugata.store.query import EventQuery
from masugata.store.sqlite.rows import meta

_ROWS_AT_ONCE = 64  # a power of two


def insert(connection: sqlite3.Connection, events: Iterable[EventRow]) -> None:
    """Append checked events; their numbers follow the last one ever given."""
    insert_numbered(connection, numbered(events, last_seq(connection)))


def last_seq(connection: sqlite3.Connection) -> int:
    """The number of the newest event ever stored, 0 before the first."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
    seq: int = 0 if row is None else row[0]
    return seq


def set_last_seq(connection: sqlite3.Connection, seq: int) -> None:
    """Have the next event numbered behind `seq`."""
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'event'")
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)", (seq,))


def insert_numbered(connection: sqlite3.Connection, events: Iterable[EventRow]) -> None:
    """Append checked events under the numbers that they have."""
    rows, resources = event_rows(events)
    if not rows:
        return
    _grow(connection, size_of(rows))
    _insert_many(connection, INSERT, rows)
    _insert_many(connection, INSERT_RESOURCE, resources)


def _insert_many(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows, up to 64 with one call: `executemany` lets go of the interpreter for each of them.

    Whoever answers requests takes it then, and the writer waits for it again: which costs both more than
    the row. By powers of two, so that there are few different statements.
    """
    start, count = 0, _ROWS_AT_ONCE
    while start < len(rows):
        if len(rows) - start < count:
            count //= 2
            continue
        chunk = rows[start : start + count]
        connection.execute(_many(statement, count), [value for row in chunk for value in row])
        start += count


@cache
def _many(statement: str, count: int) -> str:
    """An INSERT of one row as one of `count` rows."""
    start, values, row = statement.partition("VALUES ")
    return f"{start}{values}{', '.join([row.strip()] * count)}"


def find(connection: sqlite3.Connection, query: EventQuery) -> list[EventRow]:
    """The events that answer a query, newest first."""
    rows = connection.execute(*page(query)).fetchall()
    seqs = [row[0] for row in rows]
    return events_of(rows, connection.execute(resources_of(len(seqs)), seqs)) if rows else []


def all_events(connection: sqlite3.Connection) -> Iterator[EventRow]:
    """All events by number, read while they are consumed."""
    return merged(connection.execute(ALL), connection.execute(ALL_RESOURCES))


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


def _delete(connection: sqlite3.Connection, events: list[tuple[int, int]]) -> int:
    connection.execute("PRAGMA secure_delete = OFF")  # which would take twice the time; they hold no secrets
    try:
        connection.executemany(DELETE, [(seq,) for seq, _ in events])
    finally:
        connection.execute("PRAGMA secure_delete = ON")
    _grow(connection, -sum(length + EVENT_OVERHEAD for _, length in events))
    return len(events)


def _grow(connection: sqlite3.Connection, count: int) -> None:
    connection.execute("UPDATE meta SET value = value + ? WHERE key = 'event_bytes'", (count,))


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
