"""Events and last uses as rows, in SQL that SQLite and PostgreSQL understand alike; `?` is a place."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from masugata.store.event import EVENT_OVERHEAD, EventRow, from_microseconds, microseconds

Row: TypeAlias = tuple[int, int, str, str, str, str, str, str, str, int, str, bytes]

COLUMNS = (
    "seq, time, account, region, event_id, name, source, username, access_key_id, read_only, resources, body"
)
INSERT = f"INSERT INTO event ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
LABELLED = "time, seq, account, region, name, source, username, access_key_id, read_only, resources"
"""What postings are made of."""
OLDEST_BEFORE = f"SELECT {LABELLED}, length(body) FROM event WHERE time < ? ORDER BY time, seq LIMIT ?"  # noqa: S608
OLDEST = f"SELECT {LABELLED}, length(body) FROM event ORDER BY time, seq LIMIT ?"  # noqa: S608
DELETE_OLDEST = "DELETE FROM event WHERE (time, seq) <= (?, ?)"
SIZE = "SELECT coalesce(sum(length(body) + ?), 0) FROM event"
ALL = f"SELECT {COLUMNS} FROM event ORDER BY seq"  # noqa: S608
TOUCH = """
INSERT INTO last_used (key, body) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body
"""
TOUCHED = "SELECT body FROM last_used WHERE key = ?"
TOUCHED_UNDER = "SELECT key, body FROM last_used WHERE key >= ? AND key < ?"
FORGET = "DELETE FROM last_used WHERE key >= ? AND key < ?"
BY_SEQ = f"SELECT {COLUMNS} FROM event WHERE seq = ?"  # noqa: S608

_ENCODER = msgspec.json.Encoder()
_RESOURCES = msgspec.json.Decoder(tuple[tuple[str, str], ...])


def under(prefix: str) -> tuple[str, str]:
    """The first key that starts with `prefix`, and the first behind all of them, in the order of bytes."""
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def event_rows(events: Iterable[tuple[int, EventRow]]) -> list[Row]:
    """Rows of events under the numbers given with them."""
    return [
        (
            seq,
            microseconds(e.time),
            e.account,
            e.region,
            e.event_id,
            e.name,
            e.source,
            e.username,
            e.access_key_id,
            int(e.read_only),
            _ENCODER.encode(e.resources).decode(),
            e.body,
        )
        for seq, e in events
    ]


def event_of(row: Row) -> EventRow:
    """A row as an event."""
    (
        seq,
        time,
        account,
        region,
        event_id,
        name,
        source,
        username,
        access_key_id,
        read_only,
        resources,
        body,
    ) = row
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
        resources=resources_of(resources),
        body=body,
    )


def resources_of(text: str) -> tuple[tuple[str, str], ...]:
    """The column `resources` as pairs of type and name."""
    return _RESOURCES.decode(text)


def resource_text(text: str) -> str:
    """The type or name of a resource as it stands in the column `resources`."""
    return _ENCODER.encode(text).decode()


def size_of(rows: Iterable[Row]) -> int:
    """About how many bytes these rows take."""
    return sum(len(row[-1]) + EVENT_OVERHEAD for row in rows)


def taken_from(oldest: Iterable[tuple[Any, ...]], size: int) -> list[tuple[Any, ...]]:
    """As many of the oldest events, with the bytes of the body at the end, as take `size` bytes together."""
    taken = []
    for row in oldest:
        if size <= 0:
            break
        size -= row[-1] + EVENT_OVERHEAD
        taken.append(row)
    return taken
