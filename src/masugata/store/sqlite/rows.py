"""Records, names and the change log as rows."""

import gc
import sqlite3
from collections.abc import Iterable

from masugata.metrics import METRICS
from masugata.metrics.table import SNAPSHOT_LOADS
from masugata.store.changes import CHANGE_LIMIT, advance, group_rows, name_problems
from masugata.store.codec import Codecs, codec_named
from masugata.store.errors import StoreIncompatibleError
from masugata.store.snapshot import Snapshot, SnapshotBuilder
from masugata.store.transaction import Group

_ALL = "SELECT service, kind, account, region, key, body FROM record"
_PARTITIONS = "SELECT DISTINCT service, kind, account, region FROM record"
_LOAD = "SELECT key, body FROM record WHERE service = ? AND kind = ? AND account = ? AND region = ?"
_MAPPED = 1 << 34  # bytes: rows that are read in the order of their keys lie anywhere in the file
_CHANGED = """
SELECT c.service, c.kind, c.account, c.region, c.key, r.body
FROM (SELECT DISTINCT service, kind, account, region, key FROM change WHERE revision > ?) AS c
LEFT JOIN record AS r USING (service, kind, account, region, key)
"""
_PUT = """
INSERT INTO record (service, kind, account, region, key, revision, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (service, kind, account, region, key)
DO UPDATE SET revision = excluded.revision, body = excluded.body
"""
_DELETE = "DELETE FROM record WHERE service = ? AND kind = ? AND account = ? AND region = ? AND key = ?"
_PUT_NAME = """
INSERT INTO name (service, kind, label, value, account, region, key) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_DELETE_NAME = "DELETE FROM name WHERE service = ? AND kind = ? AND label = ? AND value = ?"
_PUT_CHANGE = """
INSERT INTO change (revision, service, kind, account, region, key, operation) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def meta(connection: sqlite3.Connection, key: str) -> int:
    """A number from the meta table; raises `StoreIncompatibleError` if it is missing."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise StoreIncompatibleError(f"the database has lost its `{key}`")
    value: int = row[0]
    return value


def newest(connection: sqlite3.Connection, codecs: Codecs, known: Snapshot | None) -> Snapshot:
    """The state in the database, within the caller's transaction, from the latest state known.

    Only what changed since is read, unless that is no longer in the change log. Raises
    `StoreIncompatibleError` if the database holds something unknown.
    """
    revision = meta(connection, "revision")
    if known is not None and revision == known.revision:
        return known
    if known is not None and revision < known.revision:
        raise StoreIncompatibleError(
            f"the database went back from revision {known.revision} to {revision}; start the program again"
        )
    if known is None or known.revision < meta(connection, "compacted"):
        METRICS.add(SNAPSHOT_LOADS, "whole")
        return _load(connection, codecs, revision)
    METRICS.add(SNAPSHOT_LOADS, "changes")
    return advance(known, codecs, connection.execute(_CHANGED, (known.revision,)), revision)


def _load(connection: sqlite3.Connection, codecs: Codecs, revision: int) -> Snapshot:
    builder = SnapshotBuilder()
    collecting = gc.isenabled()
    gc.disable()  # looking for garbage among ever more live records doubles the time to start
    try:
        connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
        for service, kind, account, region in connection.execute(_PARTITIONS).fetchall():
            bodies = connection.execute(_LOAD, (service, kind, account, region))
            builder.add(codec_named(codecs, service, kind), account, region, bodies)
        return builder.build(revision)
    finally:
        connection.execute("PRAGMA mmap_size = 0")
        if collecting:
            gc.enable()


def write(connection: sqlite3.Connection, codecs: Codecs, group: Group) -> Snapshot:
    """Write what a group changed under one new revision; gives the state it leads to."""
    if not group.changes:
        return group.state
    revision = group.base.revision + 1
    rows = group_rows(codecs, group)
    connection.executemany(_DELETE_NAME, rows.old_names)
    connection.executemany(_DELETE, rows.deletes)
    connection.executemany(_PUT, ((*identity, revision, body) for identity, body in rows.puts))
    connection.executemany(_PUT_NAME, rows.names)
    connection.executemany(
        _PUT_CHANGE, ((revision, *identity, operation) for identity, operation in rows.changes)
    )
    connection.execute("UPDATE meta SET value = ? WHERE key = 'revision'", (revision,))
    if revision % CHANGE_LIMIT == 0:
        compact(connection)
    return group.state.at(revision)


def insert_new(
    connection: sqlite3.Connection,
    records: Iterable[tuple[str, str, str, str, str, int, bytes]],
    names: Iterable[tuple[str, str, str, str, str, str, str]],
) -> None:
    """Insert records that are not there yet, and their names; raises `sqlite3.IntegrityError`."""
    connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", records)
    connection.executemany(_PUT_NAME, names)


def compact(connection: sqlite3.Connection, keep: int = CHANGE_LIMIT) -> int:
    """Forget all but the newest `keep` revisions of the change log; gives how many rows."""
    limit = meta(connection, "revision") - keep
    if limit <= meta(connection, "compacted"):
        return 0
    connection.execute("UPDATE meta SET value = ? WHERE key = 'compacted'", (limit,))
    return connection.execute("DELETE FROM change WHERE revision <= ?", (limit,)).rowcount


def check_names(connection: sqlite3.Connection, codecs: Codecs) -> list[str]:
    """Compare the name table with the names that the records have."""
    present = set(connection.execute("SELECT service, kind, label, value, account, region, key FROM name"))
    return name_problems(codecs, connection.execute(_ALL), present)
