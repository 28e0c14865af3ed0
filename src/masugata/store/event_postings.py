"""Finding events by their attributes, in SQL that SQLite and PostgreSQL understand alike; `?` is a place.

An index of SQL's own for each attribute would cost every event ten entries at ten places. Here the events
of a value are entered thousands at a time, as one row for every ten minutes; those that have come in
since are few enough to be looked through.
"""

import hashlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush, heapreplace
from itertools import islice
from struct import Struct
from typing import Any, Protocol, TypeAlias

from masugata.store.event import EventRow
from masugata.store.event_rows import COLUMNS, LABELLED, event_of, resource_text, resources_of
from masugata.store.query import EventQuery

Entry: TypeAlias = tuple[int, int]
"""The time and the number of an event: all are shown by it, newest first."""

TAIL = 4096
"""How many events may wait to be entered."""

_SPAN = 600_000_000  # microseconds: what an entry's row may reach beyond the time that is asked for
_EVER = 1 << 62  # microseconds, as 100,000 years
_ENTRY = Struct(">QQ")
_KEY_LENGTH = 256  # PostgreSQL's indexes take 2704 bytes
_ROWS = 64  # postings that are fetched at once, at most

_ALL = ("", "")
_CONDITION = {
    "EventName": "name = ?",
    "ReadOnly": "read_only = ?",
    "Username": "username = ?",
    "ResourceType": "instr(resources, ?) > 0",
    "ResourceName": "instr(resources, ?) > 0",
    "EventSource": "source = ?",
    "AccessKeyId": "access_key_id = ?",
}
_UNENTERED = f"SELECT {LABELLED} FROM event WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608
_INSERT = """
INSERT INTO event_posting (account, region, attribute, value, newest_time, newest_seq, oldest_time, entries)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_FORGET = """
DELETE FROM event_posting WHERE account = ? AND region = ? AND attribute = ? AND value = ?
AND (newest_time, newest_seq) <= (?, ?)
"""
_POSTINGS = """
SELECT newest_time, newest_seq, entries FROM event_posting
WHERE account = ? AND region = ? AND attribute = ? AND value = ?
AND newest_time >= ? AND (newest_time, newest_seq) < (?, ?) AND oldest_time <= ?
ORDER BY newest_time DESC, newest_seq DESC LIMIT ?
"""
_BY_ID = """
SELECT time, seq FROM event WHERE event_id = ? AND account = ? AND region = ?
AND time >= ? AND (time, seq) < (?, ?) ORDER BY time DESC, seq DESC LIMIT ?
"""


class Database(Protocol):
    """A connection in a transaction."""

    def rows(self, statement: str, parameters: Sequence[Any]) -> list[Any]:
        """The rows that a statement gives."""
        ...

    def insert(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows with a statement for one of them."""
        ...

    def execute_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute a statement that gives no rows with each of these parameters."""
        ...


def enter(database: Database, indexed: int, last: int, *, whole: bool = False) -> int:
    """Enter the events behind the number `indexed` until fewer than `TAIL` are left; gives the new `indexed`.

    The caller keeps it, in the same transaction; `last` is the number of the newest event. With `whole`
    none are left.
    """
    while last - indexed >= (1 if whole else TAIL):
        rows = database.rows(_UNENTERED, (indexed, TAIL))
        database.insert(_INSERT, list(_postings(rows)))
        indexed = rows[-1][1] if len(rows) == TAIL else last
    return indexed


def _postings(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """Events as rows of `event_posting`, in the order of its key."""
    alike: dict[tuple[Any, ...], list[bytes]] = defaultdict(list)  # so that much is done once for many events
    for time, seq, *rest in rows:
        alike[time // _SPAN, *rest].append(_packed(time, seq))
    postings: dict[tuple[str, str, str, str, int], list[bytes]] = defaultdict(list)
    for (span, account, region, *labelled), entries in alike.items():
        for attribute, value in _labels(*labelled):
            postings[account, region, attribute, value, span] += entries
    for (*key, _), entries in sorted(postings.items()):
        entries.sort()
        yield *key, *_unpacked(entries[-1]), _unpacked(entries[0])[0], b"".join(entries)


def _packed(time: int, seq: int) -> bytes:
    """An entry as it is stored; the order of bytes is that of entries."""
    return _ENTRY.pack(time + _EVER, seq)


def _unpacked(entries: bytes, place: int = 0) -> Entry:
    time, seq = _ENTRY.unpack_from(entries, place * _ENTRY.size)
    return time - _EVER, seq


def _labels(
    name: str, source: str, username: str, access_key_id: str, read_only: int, resources: str
) -> Iterable[tuple[str, str]]:
    """The attributes and values by which an event is found, each once."""
    labels = [
        _ALL,
        ("EventName", _key(name)),
        ("EventSource", _key(source)),
        ("Username", _key(username)),
        ("AccessKeyId", _key(access_key_id)),
        ("ReadOnly", "true" if read_only else "false"),
    ]
    named = resources_of(resources)
    labels += {("ResourceType", _key(kind)): None for kind, _ in named}
    labels += {("ResourceName", _key(name)): None for _, name in named}
    return labels


def _key(value: str) -> str:
    """A value as it stands in the table; a long one by its digest, longer than any short one."""
    if len(value) <= _KEY_LENGTH:
        return value
    return value[:_KEY_LENGTH] + hashlib.sha256(value.encode()).hexdigest()


def forget(database: Database, rows: Sequence[Any]) -> None:
    """Delete the postings of which nothing is left without these events, the oldest, in order."""
    keys = {(*row[2:4], *label) for row in rows for label in _labels(*row[4:10])}
    database.execute_many(_FORGET, [(*key, *rows[-1][:2]) for key in sorted(keys)])


def find(database: Database, query: EventQuery, indexed: int) -> list[EventRow]:
    """The events that answer a query, newest first; `indexed` is the number up to which they are entered."""
    before = _before(database, query)
    if before is None:
        return []
    entries = _entries(database, query, before, indexed)
    events: list[EventRow] = []
    # Entries of what was deleted stay until all of their row is.
    while page := list(islice(entries, query.limit - len(events))):
        events += _events(database, page)
    return events


def _before(database: Database, query: EventQuery) -> Entry | None:
    """What the answers have to come before; None if nothing can."""
    end = (_EVER if query.end is None else min(query.end + 1, _EVER), 0)
    if query.before_seq is None:
        return end
    # An event that is gone was among the oldest, so nothing is left behind it.
    last = database.rows("SELECT time, seq FROM event WHERE seq = ?", (query.before_seq,))
    return min(end, tuple(last[0])) if last else None


def _events(database: Database, page: list[Entry]) -> list[EventRow]:
    places = ", ".join("?" * len(page))
    statement = f"SELECT {COLUMNS} FROM event WHERE seq IN ({places})"  # noqa: S608  # as many places as events
    events = map(event_of, database.rows(statement, [seq for _, seq in page]))
    return sorted(events, key=lambda event: (event.time, event.seq), reverse=True)


def _entries(database: Database, query: EventQuery, before: Entry, indexed: int) -> Iterator[Entry]:
    """The entries of the events that answer a query, newest first."""
    start = -_EVER if query.start is None else query.start
    if query.attribute is not None and query.attribute[0] == "EventId":
        parameters = (query.attribute[1], query.account, query.region, start, *before, query.limit)
        yield from database.rows(_BY_ID, parameters)
        return
    ahead: list[tuple[int, int, Iterator[Entry]]] = []  # a heap of the next ones, newest first
    for bound, entries in _sources(database, query, start, before, indexed):
        while ahead and (-ahead[0][0], -ahead[0][1]) > bound:
            yield _next(ahead)
        if (first := next(entries, None)) is not None:
            heappush(ahead, (-first[0], -first[1], entries))
    while ahead:
        yield _next(ahead)


def _next(ahead: list[tuple[int, int, Iterator[Entry]]]) -> Entry:
    time, seq, entries = ahead[0]
    if (following := next(entries, None)) is None:
        heappop(ahead)
    else:
        heapreplace(ahead, (-following[0], -following[1], entries))
    return -time, -seq


def _sources(
    database: Database, query: EventQuery, start: int, before: Entry, indexed: int
) -> Iterator[tuple[Entry, Iterator[Entry]]]:
    """Entries, newest first, and what neither they nor those of any later source come behind."""
    yield before, iter(_tail(database, query, start, before, indexed))
    attribute, value = query.attribute or _ALL
    key = (query.account, query.region, attribute, _key(value))
    newest, count = (before[0] + _SPAN, 0), 1
    while True:
        rows = database.rows(_POSTINGS, (*key, start, *newest, before[0], count))
        for time, seq, entries in rows:
            newest = (time, seq)
            yield newest, _between(entries, (start, 0), before)
        if len(rows) < count:
            return
        count = min(2 * count, _ROWS)


def _between(entries: bytes, start: Entry, before: Entry) -> Iterator[Entry]:
    at = partial(_unpacked, entries)
    places = range(len(entries) // _ENTRY.size)
    first, end = (bisect_left(places, bound, key=at) for bound in (start, before))
    return map(at, reversed(range(first, end)))


def _tail(database: Database, query: EventQuery, start: int, before: Entry, indexed: int) -> list[Any]:
    """Entries of the newest answers of any time that are not entered yet."""
    condition, parameters = "", []
    if query.attribute is not None:
        attribute, value = query.attribute
        condition = f" AND {_CONDITION[attribute]}"
        parameters = [_condition_value(attribute, value)]
    # With the sign no index of times is considered, which would mean to walk through the whole log.
    statement = (
        "SELECT time, seq FROM event WHERE seq > ? AND account = ? AND region = ?"  # noqa: S608  # conditions from above
        f" AND (+time, seq) >= (?, 0) AND (+time, seq) < (?, ?){condition}"
        " ORDER BY +time DESC, seq DESC LIMIT ?"
    )
    return database.rows(
        statement, (indexed, query.account, query.region, start, *before, *parameters, query.limit)
    )


def _condition_value(attribute: str, value: str) -> str | int:
    if attribute == "ReadOnly":
        return {"true": 1, "false": 0}.get(value, -1)
    # Inside of a text a quotation mark has a backslash in front of it.
    if attribute == "ResourceType":
        return f"[{resource_text(value)},"
    if attribute == "ResourceName":
        return f",{resource_text(value)}]"
    return value
