"""The whole database as rows, and back."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from masugata.store.codec import Codecs
from masugata.store.errors import StoreError, StoreIncompatibleError
from masugata.store.export import Export, LastUse, RecordRow, checked_events, checked_record
from masugata.store.sqlite import events, rows

T = TypeVar("T")

_CHUNK = 5000  # rows that are held in memory at once


def export(connection: sqlite3.Connection) -> Export:
    """The state that the caller's transaction sees."""
    records = connection.execute("SELECT service, kind, account, region, key, body FROM record")
    last_uses = connection.execute("SELECT key, body FROM last_used")
    return Export(
        revision=rows.meta(connection, "revision"),
        last_seq=events.last_seq(connection),
        records=(RecordRow(*row) for row in records),
        events=events.all_events(connection),
        last_uses=(LastUse(*row) for row in last_uses),
    )


def import_(connection: sqlite3.Connection, codecs: Codecs, source: Export) -> None:
    """Fill an empty database, within the caller's transaction, under a revision that nobody has seen.

    Raises `StoreError` if it is not empty, `StoreIncompatibleError` if this program cannot read a row.
    """
    for table in ("record", "event", "last_used"):
        if connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]:  # noqa: S608
            raise StoreError("the database is not empty: restore into a new, empty one")
    for chunk in _chunks(source.records):
        _put(connection, codecs, chunk, source.revision)
    for numbered in _chunks(checked_events(source.events, source.last_seq)):
        events.insert_numbered(connection, ((event.seq, event) for event in numbered))
    for last_uses in _chunks(source.last_uses):
        events.touch(connection, {use.key: use.body for use in last_uses})
    events.set_last_seq(connection, max(source.last_seq, events.last_seq(connection)))
    # The change log does not reach back to here, so whoever has read the database reads all of it again.
    revision = max(source.revision, rows.meta(connection, "revision")) + 1
    connection.execute("UPDATE meta SET value = ? WHERE key IN ('revision', 'compacted')", (revision,))


def _put(connection: sqlite3.Connection, codecs: Codecs, chunk: Iterable[RecordRow], revision: int) -> None:
    puts, names = [], []
    for row in chunk:
        identity, record = checked_record(row, codecs)
        puts.append((*identity, revision, row.body))
        for label, value in codecs[identity.service, identity.kind].kind.names(record):
            names.append((identity.service, identity.kind, label, value, *identity[2:]))
    try:
        rows.insert_new(connection, puts, names)
    except sqlite3.IntegrityError as error:
        raise StoreIncompatibleError(f"two records have the same key or name: {error}") from error


def _chunks(source: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(source, _CHUNK)):
        yield chunk
