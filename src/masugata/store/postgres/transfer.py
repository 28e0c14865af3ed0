"""The whole database as rows, and back."""

import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import psycopg

from masugata.store.codec import Codecs
from masugata.store.errors import StoreError, StoreIncompatibleError
from masugata.store.event_rows import ALL, event_of
from masugata.store.export import Export, LastUse, RecordRow, checked_events, checked_record
from masugata.store.postgres import events, rows
from masugata.store.postgres.connection import Connection
from masugata.store.postgres.listener import CHANNEL

T = TypeVar("T")

_FETCHED = 1000  # rows that are held in memory at once
_PUT = "INSERT INTO record VALUES (%s, %s, %s, %s, %s, %s, %s)"
_PUT_NAME = "INSERT INTO name VALUES (%s, %s, %s, %s, %s, %s, %s)"


def export(connection: Connection) -> Export:
    """The state that the caller's transaction sees."""
    now = rows.head(connection)
    records = _stream(connection, "SELECT service, kind, account, region, key, body FROM record")
    return Export(
        revision=now.revision,
        last_seq=now.seq,
        records=(RecordRow(*row) for row in records),
        events=map(event_of, _stream(connection, ALL)),
        last_uses=(LastUse(*row) for row in _stream(connection, "SELECT key, body FROM last_used")),
    )


def import_(connection: Connection, codecs: Codecs, source: Export) -> None:
    """Fill an empty database, in a transaction of its own that is not committed yet.

    Raises `StoreError` if it is not empty, `StoreIncompatibleError` if this program cannot read a row.
    """
    now = rows.begin(connection)
    for table in ("record", "event", "last_used"):
        if connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchall()[0][0]:  # noqa: S608
            raise StoreError("the database is not empty: restore into a new, empty one")
    for records in _chunks(source.records):
        _put(connection, codecs, records, source.revision)
    for numbered in _chunks(checked_events(source.events, source.last_seq)):
        events.insert_numbered(connection, ((event.seq, event) for event in numbered))
    events.enter_all(connection)
    for last_uses in _chunks(source.last_uses):
        events.touch(connection, {use.key: use.body for use in last_uses})
    # The change log does not reach back to here, so whoever has read the database reads all of it again.
    revision = max(source.revision, now.revision) + 1
    connection.execute(
        "UPDATE head SET revision = %s, compacted = %s, stamp = %s, seq = %s",
        (revision, revision, secrets.randbits(53), max(source.last_seq, now.seq)),
    )
    connection.execute("SELECT pg_notify(%s, '')", (CHANNEL,))


def _put(connection: Connection, codecs: Codecs, records: Iterable[RecordRow], revision: int) -> None:
    puts, names = [], []
    for row in records:
        identity, record = checked_record(row, codecs)
        puts.append((*identity, revision, row.body))
        for label, value in codecs[identity.service, identity.kind].kind.names(record):
            names.append((identity.service, identity.kind, label, value, *identity[2:]))
    try:
        with connection.cursor() as cursor:
            cursor.executemany(_PUT, puts)
            cursor.executemany(_PUT_NAME, names)
    except psycopg.errors.UniqueViolation as error:
        raise StoreIncompatibleError("two records have the same key or name") from error


def _stream(connection: Connection, statement: str) -> Iterator[Any]:
    with connection.cursor(f"export_{secrets.token_hex(4)}", binary=True) as cursor:
        cursor.itersize = _FETCHED
        yield from cursor.execute(statement)


def _chunks(source: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(source, _FETCHED)):
        yield chunk
