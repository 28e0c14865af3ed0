"""Events and last uses as rows, in SQL that SQLite and PostgreSQL understand alike; `?` is a place."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeAlias

import msgspec

from masugata.store.event import EVENT_OVERHEAD, EventRow, from_microseconds, microseconds
from masugata.store.query import EventQuery

Row: TypeAlias = tuple[int, int, str, str, str, str, str, str, str, int, bytes]
ResourceRow: TypeAlias = tuple[int, int, str, str, int, str, str]

_COLUMNS = "seq, time, account, region, event_id, name, source, username, access_key_id, read_only, body"
INSERT = f"INSERT INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
INSERT_RESOURCE = """
INSERT INTO event_resource (seq, position, account, region, time, type, name) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
OLDEST_BEFORE = "SELECT seq, length(body) FROM event WHERE time < ? ORDER BY time, seq LIMIT ?"
OLDEST = "SELECT seq, length(body) FROM event ORDER BY time, seq LIMIT ?"
DELETE = "DELETE FROM event WHERE seq = ?"
SIZE = "SELECT coalesce(sum(length(body) + ?), 0) FROM event"
ALL = f"SELECT {_COLUMNS} FROM event ORDER BY seq"  # noqa: S608
ALL_RESOURCES = "SELECT seq, type, name FROM event_resource ORDER BY seq, position"
TOUCH = """
INSERT INTO last_used (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body
"""
TOUCHED = "SELECT body FROM last_used WHERE key = ?"
TOUCHED_UNDER = "SELECT key, body FROM last_used WHERE key >= ? AND key < ?"
FORGET = "DELETE FROM last_used WHERE key >= ? AND key < ?"
BY_SEQ = f"SELECT {_COLUMNS} FROM event WHERE seq = ?"  # noqa: S608

_EVENT_COLUMN = {
    "EventId": "event_id",
    "EventName": "name",
    "ReadOnly": "read_only",
    "Username": "username",
    "EventSource": "source",
    "AccessKeyId": "access_key_id",
}
_RESOURCE_COLUMN = {"ResourceType": "type", "ResourceName": "name"}


def under(prefix: str) -> tuple[str, str]:
    """The first key that starts with `prefix`, and the first behind all of them, in the order of bytes."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def numbered(events: Iterable[EventRow], after: int) -> Iterator[EventRow]:
    """The same events under the numbers from `after` + 1."""
    return (msgspec.structs.replace(event, seq=seq) for seq, event in enumerate(events, after + 1))


def event_rows(events: Iterable[EventRow]) -> tuple[list[Row], list[ResourceRow]]:
    """Rows of events and their resources."""
    rows: list[Row] = []
    resources: list[ResourceRow] = []
    for e in events:
        seq, time = e.seq, microseconds(e.time)
        who = (e.username, e.access_key_id, int(e.read_only))
        rows.append((seq, time, e.account, e.region, e.event_id, e.name, e.source, *who, e.body))
        for position, (kind, name) in enumerate(e.resources):
            resources.append((seq, position, e.account, e.region, time, kind, name))
    return rows, resources


def page(query: EventQuery) -> tuple[str, tuple[str | int, ...]]:
    """The statement for the rows that answer a query, newest first, and its parameters."""
    table, conditions = "event", ["account = ?", "region = ?"]
    parameters: list[str | int] = [query.account, query.region]
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
    found = f"SELECT DISTINCT time, seq FROM {table} WHERE {' AND '.join(conditions)}"  # noqa: S608  # columns from above
    found += " ORDER BY time DESC, seq DESC LIMIT ?"
    statement = (
        f"SELECT {_COLUMNS} FROM event WHERE seq IN (SELECT seq FROM ({found}) AS page)"  # noqa: S608
        " ORDER BY time DESC, seq DESC"
    )
    return statement, (*parameters, query.limit)


def resources_of(count: int) -> str:
    """The statement for the (seq, type, name) of the resources of so many events."""
    places = ", ".join("?" * count)
    return f"SELECT seq, type, name FROM event_resource WHERE seq IN ({places}) ORDER BY seq, position"  # noqa: S608


def events_of(rows: Iterable[Row], resources: Iterable[tuple[int, str, str]]) -> list[EventRow]:
    """Rows as events; the resources are those of all of them, sorted."""
    by_seq = {
        seq: tuple((kind, name) for _, kind, name in group)
        for seq, group in groupby(resources, key=lambda row: row[0])
    }
    return [_event(row, by_seq.get(row[0], ())) for row in rows]


def size_of(rows: Iterable[Row]) -> int:
    """About how many bytes these rows take."""
    return sum(len(row[-1]) + EVENT_OVERHEAD for row in rows)


def taken_from(oldest: Iterable[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    """As many of the oldest events, (number, bytes of the body), as take `size` bytes together."""
    taken = []
    for seq, length in oldest:
        if size <= 0:
            break
        size -= length + EVENT_OVERHEAD
        taken.append((seq, length))
    return taken


def merged(rows: Iterable[Row], resources: Iterable[tuple[int, str, str]]) -> Iterator[EventRow]:
    """Rows as events, both sorted by number and read while the events are consumed."""
    groups = groupby(resources, key=lambda row: row[0])
    seq, group = next(groups, (None, ()))
    for row in rows:
        if row[0] != seq:
            yield _event(row, ())
            continue
        yield _event(row, tuple((kind, name) for _, kind, name in group))
        seq, group = next(groups, (None, ()))


def _event(row: Row, resources: tuple[tuple[str, str], ...]) -> EventRow:
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
