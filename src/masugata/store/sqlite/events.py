"""Events and last uses in SQLite."""

import sqlite3
from collections.abc import Iterable, Mapping

from masugata.store.event import DELETE_LIMIT, EventRow
from masugata.store.event_rows import (
    DELETE_BEFORE,
    INSERT,
    INSERT_RESOURCE,
    TOUCH,
    TOUCHED,
    event_rows,
    events_of,
    page,
    resources_of,
)
from masugata.store.query import EventQuery


def insert(connection: sqlite3.Connection, events: Iterable[EventRow]) -> None:
    """Append checked events; their numbers follow the last one ever given."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
    rows, resources = event_rows(events, 0 if row is None else row[0])
    connection.executemany(INSERT, rows)
    connection.executemany(INSERT_RESOURCE, resources)


def find(connection: sqlite3.Connection, query: EventQuery) -> list[EventRow]:
    """The events that answer a query, newest first."""
    rows = connection.execute(*page(query)).fetchall()
    seqs = [row[0] for row in rows]
    return events_of(rows, connection.execute(resources_of(len(seqs)), seqs)) if rows else []


def delete_before(connection: sqlite3.Connection, time: int) -> int:
    """Delete a bounded number of the oldest events before `time`; gives how many."""
    return connection.execute(DELETE_BEFORE, (time, DELETE_LIMIT)).rowcount


def touch(connection: sqlite3.Connection, last_uses: Mapping[str, bytes]) -> None:
    """Write last uses."""
    connection.executemany(TOUCH, last_uses.items())


def touched(connection: sqlite3.Connection, key: str) -> bytes | None:
    """The last use written for `key`, or None."""
    row = connection.execute(TOUCHED, (key,)).fetchone()
    return None if row is None else row[0]
