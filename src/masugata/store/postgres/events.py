"""Events and last uses in PostgreSQL."""

from collections.abc import Iterable, Mapping

import msgspec

from masugata.store.event import DELETE_LIMIT, EventRow
from masugata.store.event_rows import (
    BY_SEQ,
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
from masugata.store.postgres.connection import Connection
from masugata.store.query import EventQuery


def _sql(statement: str) -> str:
    return statement.replace("?", "%s")


def insert(connection: Connection, events: Iterable[EventRow], after: int) -> None:
    """Append checked events, numbered from `after` + 1; the caller has locked the head."""
    rows, resources = event_rows(events, after)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_sql(INSERT), rows)
        cursor.executemany(_sql(INSERT_RESOURCE), resources)
        cursor.execute("UPDATE head SET seq = %s", (rows[-1][0],))


def holds(connection: Connection, event: EventRow, seq: int) -> bool:
    """Whether this very event was stored under this number."""
    rows = connection.execute(_sql(BY_SEQ), (seq,)).fetchall()
    found = events_of(rows, connection.execute(_sql(resources_of(1)), (seq,)))
    return found == [msgspec.structs.replace(event, seq=seq)]


def find(connection: Connection, query: EventQuery) -> list[EventRow]:
    """The events that answer a query, newest first."""
    statement, parameters = page(query)
    rows = connection.execute(_sql(statement), parameters).fetchall()
    seqs = [row[0] for row in rows]
    return events_of(rows, connection.execute(_sql(resources_of(len(seqs))), seqs)) if rows else []


def delete_before(connection: Connection, time: int) -> int:
    """Delete a bounded number of the oldest events before `time`; gives how many."""
    return connection.execute(_sql(DELETE_BEFORE), (time, DELETE_LIMIT)).rowcount


def touch(connection: Connection, last_uses: Mapping[str, bytes]) -> None:
    """Write last uses."""
    with connection.cursor() as cursor:
        cursor.executemany(_sql(TOUCH), last_uses.items())


def touched(connection: Connection, key: str) -> bytes | None:
    """The last use written for `key`, or None."""
    row = connection.execute(_sql(TOUCHED), (key,)).fetchone()
    return None if row is None else row[0]
