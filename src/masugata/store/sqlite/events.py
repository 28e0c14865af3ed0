"""Events and last uses as rows."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import count, groupby

import msgspec

from masugata.store.event import DELETE_LIMIT, EVENT_OVERHEAD, EventRow, from_microseconds, microseconds
from masugata.store.query import EventQuery
from masugata.store.sqlite.rows import meta

_COLUMNS = "seq, time, account, region, event_id, name, source, username, access_key_id, read_only, body"
_INSERT = f"INSERT INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_INSERT_RESOURCE = """
INSERT INTO event_resource (seq, position, account, region, time, type, name) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_EVENT_COLUMN = {
    "EventId": "event_id",
    "EventName": "name",
    "ReadOnly": "read_only",
    "Username": "username",
    "EventSource": "source",
    "AccessKeyId": "access_key_id",
}
_RESOURCE_COLUMN = {"ResourceType": "type", "ResourceName": "name"}


def insert(connection: sqlite3.Connection, events: Iterable[EventRow]) -> None:
    """Append checked events; their numbers follow the last one ever given."""
    numbers = count(last_seq(connection) + 1)
    insert_numbered(connection, (msgspec.structs.replace(event, seq=next(numbers)) for event in events))


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
    rows, resources = [], []
    for e in events:
        seq, time = e.seq, microseconds(e.time)
        who = (e.username, e.access_key_id, int(e.read_only))
        rows.append((seq, time, e.account, e.region, e.event_id, e.name, e.source, *who, e.body))
        for position, resource in enumerate(e.resources):
            resources.append((seq, position, e.account, e.region, time, *resource))
    if not rows:
        return
    _grow(connection, sum(len(row[-1]) + EVENT_OVERHEAD for row in rows))
    connection.executemany(_INSERT, rows)
    connection.executemany(_INSERT_RESOURCE, resources)


def find(connection: sqlite3.Connection, query: EventQuery) -> list[EventRow]:
    """The events that answer a query, newest first."""
    table, conditions, values = "event", ["account = ?", "region = ?"], [query.account, query.region]
    parameters: list[str | int] = [*values]
    if query.attribute is not None:
        attribute, value = query.attribute
        if attribute in _RESOURCE_COLUMN:
            table = "event_resource"
            conditions.append(f"{_RESOURCE_COLUMN[attribute]} = ?")
        else:
            conditions.append(f"{_EVENT_COLUMN[attribute]} = ?")
        parameters.append({"true": 1, "false": 0}.get(value, -1) if attribute == "ReadOnly" else value)
    if query.start is not None:
        conditions.append("time >= ?")
        parameters.append(query.start)
    if query.end is not None:
        conditions.append("time <= ?")
        parameters.append(query.end)
    if query.before_seq is not None:
        # An event that is gone was among the oldest, so nothing is left behind it: NULL matches none.
        conditions.append("(time, seq) < (SELECT time, seq FROM event WHERE seq = ?)")
        parameters.append(query.before_seq)
    page = f"SELECT DISTINCT time, seq FROM {table} WHERE {' AND '.join(conditions)}"  # noqa: S608  # columns from above
    page += " ORDER BY time DESC, seq DESC LIMIT ?"
    statement = (
        f"SELECT {_COLUMNS} FROM event WHERE seq IN (SELECT seq FROM ({page})) ORDER BY time DESC, seq DESC"  # noqa: S608
    )
    rows = connection.execute(statement, (*parameters, query.limit)).fetchall()
    resources = _resources(connection, [row[0] for row in rows]) if rows else {}
    return [_event(row, resources.get(row[0], ())) for row in rows]


def all_events(connection: sqlite3.Connection) -> Iterator[EventRow]:
    """All events by number, read while they are consumed."""
    resources = groupby(
        connection.execute("SELECT seq, type, name FROM event_resource ORDER BY seq, position"),
        key=lambda row: row[0],
    )
    seq, group = next(resources, (None, ()))
    for row in connection.execute(f"SELECT {_COLUMNS} FROM event ORDER BY seq"):  # noqa: S608
        if row[0] != seq:
            yield _event(row, ())
            continue
        yield _event(row, tuple((kind, name) for _, kind, name in group))
        seq, group = next(resources, (None, ()))


def _resources(connection: sqlite3.Connection, seqs: list[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    places = ", ".join("?" * len(seqs))
    rows = connection.execute(
        f"SELECT seq, type, name FROM event_resource WHERE seq IN ({places}) ORDER BY seq, position",  # noqa: S608
        seqs,
    )
    return {
        seq: tuple((row[1], row[2]) for row in group) for seq, group in groupby(rows, key=lambda row: row[0])
    }


def _event(
    row: tuple[int, int, str, str, str, str, str, str, str, int, bytes],
    resources: tuple[tuple[str, str], ...],
) -> EventRow:
    seq, time, account, region, event_id, name, source, username, access_key_id, read_only, body = row
    return EventRow(
        seq=seq,
        time=from_microseconds(time),
        account=account,
        region=region,
        event_id=event_id,
        name=name,
        source=source,
        username=username,
        access_key_id=access_key_id,
        read_only=bool(read_only),
        resources=resources,
        body=body,
    )


def size(connection: sqlite3.Connection) -> int:
    """About how many bytes all events take."""
    return meta(connection, "event_bytes")


def check_size(connection: sqlite3.Connection) -> list[str]:
    """Compare what all events are said to take with what they take."""
    sizes = "SELECT coalesce(sum(length(body) + ?), 0) FROM event"
    real: int = connection.execute(sizes, (EVENT_OVERHEAD,)).fetchone()[0]
    noted = size(connection)
    return [] if noted == real else [f"the events are noted to take {noted} bytes and take {real}"]


def delete_before(connection: sqlite3.Connection, time: int) -> int:
    """Delete a bounded number of the oldest events before `time`; gives how many."""
    oldest = connection.execute(
        "SELECT seq, length(body) FROM event WHERE time < ? ORDER BY time, seq LIMIT ?", (time, DELETE_LIMIT)
    )
    return _delete(connection, oldest.fetchall())


def delete_above(connection: sqlite3.Connection, limit: int) -> int:
    """Delete a bounded number of the oldest events while all take more than `limit` bytes; gives how many."""
    left, gone = size(connection), []
    oldest = connection.execute(
        "SELECT seq, length(body) FROM event ORDER BY time, seq LIMIT ?", (DELETE_LIMIT,)
    )
    while left > limit and (row := oldest.fetchone()) is not None:
        left -= row[1] + EVENT_OVERHEAD
        gone.append(row)
    return _delete(connection, gone)


def _delete(connection: sqlite3.Connection, events: list[tuple[int, int]]) -> int:
    connection.executemany("DELETE FROM event WHERE seq = ?", [(seq,) for seq, _ in events])
    _grow(connection, -sum(length + EVENT_OVERHEAD for _, length in events))
    return len(events)


def _grow(connection: sqlite3.Connection, count: int) -> None:
    connection.execute("UPDATE meta SET value = value + ? WHERE key = 'event_bytes'", (count,))


def touch(connection: sqlite3.Connection, last_uses: Mapping[str, bytes]) -> None:
    """Write last uses."""
    connection.executemany(
        "INSERT INTO last_used (key, body) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET body = excluded.body",
        last_uses.items(),
    )


def touched(connection: sqlite3.Connection, key: str) -> bytes | None:
    """The last use written for `key`, or None."""
    row = connection.execute("SELECT body FROM last_used WHERE key = ?", (key,)).fetchone()
    return None if row is None else row[0]
