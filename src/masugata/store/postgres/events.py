"""Events and last uses in PostgreSQL."""

from collections.abc import Iterable, Mapping

import msgspec

from masugata.store.errors import StoreIncompatibleError
from masugata.store.event import DELETE_LIMIT, EVENT_OVERHEAD, EventRow
from masugata.store.event_rows import (
    BY_SEQ,
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
    numbered,
    page,
    resources_of,
    size_of,
    taken_from,
    under,
)
from masugata.store.postgres.connection import Connection
from masugata.store.query import EventQuery


def _sql(statement: str) -> str:
    return statement.replace("?", "%s")


def insert(connection: Connection, events: Iterable[EventRow], after: int) -> None:
    """Append checked events, numbered from `after` + 1; the caller has locked the head."""
    insert_numbered(connection, numbered(events, after))


def insert_numbered(connection: Connection, events: Iterable[EventRow]) -> None:
    """Append checked events under the numbers that they have."""
    rows, resources = event_rows(events)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_sql(INSERT), rows)
        cursor.executemany(_sql(INSERT_RESOURCE), resources)
        grown = (rows[-1][0], size_of(rows))
        cursor.execute("UPDATE head SET seq = %s, event_bytes = event_bytes + %s", grown)


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
    return _delete(connection, connection.execute(_sql(OLDEST_BEFORE), (time, DELETE_LIMIT)).fetchall())


def delete_above(connection: Connection, limit: int) -> int:
    """Delete a bounded number of the oldest events while all take more than `limit` bytes; gives how many."""
    excess = size(connection) - limit
    if excess <= 0:
        return 0
    return _delete(connection, taken_from(connection.execute(_sql(OLDEST), (DELETE_LIMIT,)), excess))


def _delete(connection: Connection, events: list[tuple[int, int]]) -> int:
    if events:
        shrunk = sum(length + EVENT_OVERHEAD for _, length in events)
        connection.execute("DELETE FROM event WHERE seq = ANY(%s)", ([seq for seq, _ in events],))
        connection.execute("UPDATE head SET event_bytes = event_bytes - %s", (shrunk,))
    return len(events)


def size(connection: Connection) -> int:
    """About how many bytes all events take."""
    row = connection.execute("SELECT event_bytes FROM head").fetchone()
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
