"""Records, names and the change log as rows."""

import gc
import sqlite3
from collections.abc import Iterable

from masugata.metrics import METRICS
from masugata.metrics.table import SNAPSHOT_LOADS
from masugata.store.codec import Codecs, codec_named
from masugata.store.errors import StoreIncompatibleError
from masugata.store.snapshot import RecordId, Snapshot, SnapshotBuilder
from masugata.store.transaction import Group

CHANGE_LIMIT = 10_000  # revisions that the change log keeps

_LOAD = "SELECT service, kind, account, region, key, body FROM record"
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
    changed = [
        (codec_named(codecs, row[0], row[1]), RecordId(*row[:5]), row[5])
        for row in connection.execute(_CHANGED, (known.revision,))
    ]
    state = known
    for codec, identity, _ in changed:
        # All first, because a unique name may have moved from one changed record to another.
        state = state.without(codec.kind, identity.account, identity.region, identity.key)
    for codec, identity, body in changed:
        if body is not None:
            state = state.put(codec.kind, identity.account, identity.region, codec.decode(body))
    return state.at(revision)


def _load(connection: sqlite3.Connection, codecs: Codecs, revision: int) -> Snapshot:
    builder = SnapshotBuilder()
    collecting = gc.isenabled()
    gc.disable()  # looking for garbage among ever more live records doubles the time to start
    try:
        for service, kind, account, region, key, body in connection.execute(_LOAD):
            codec = codec_named(codecs, service, kind)
            record = codec.decode(body)
            if codec.kind.key(record) != key:
                raise StoreIncompatibleError(f"the record {service}/{kind} `{key}` has the key of another")
            builder.add(codec.kind, account, region, key, record)
        return builder.build(revision)
    finally:
        if collecting:
            gc.enable()


def write(connection: sqlite3.Connection, codecs: Codecs, group: Group) -> Snapshot:
    """Write what a group changed under one new revision; gives the state it leads to."""
    if not group.changes:
        return group.state
    revision = group.base.revision + 1
    old_names: set[tuple[str, str, str, str]] = set()
    names: dict[tuple[str, str, str, str], RecordId] = {}
    puts, deletes, changes = [], [], []
    for identity, body in group.changes.items():
        kind = codecs[identity.service, identity.kind].kind
        place = (identity.account, identity.key, identity.region)
        old, new = group.base.get(kind, *place), group.state.get(kind, *place)
        if old is not None:
            old_names.update((kind.service, kind.name, *name) for name in kind.names(old))
        if new is not None:
            names.update({(kind.service, kind.name, *name): identity for name in kind.names(new)})
            puts.append((*identity, revision, body))
        elif old is not None:
            deletes.append(identity)
        changes.append((revision, *identity, "delete" if new is None else "put"))
    added = [(*name, *identity[2:]) for name, identity in names.items()]
    connection.executemany(_DELETE_NAME, old_names)
    connection.executemany(_DELETE, deletes)
    connection.executemany(_PUT, puts)
    connection.executemany(_PUT_NAME, added)
    connection.executemany(_PUT_CHANGE, changes)
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
    expected = set()
    for service, kind, account, region, key, body in connection.execute(_LOAD):
        codec = codec_named(codecs, service, kind)
        for label, value in codec.kind.names(codec.decode(body)):
            expected.add((service, kind, label, value, account, region, key))
    present = set(connection.execute("SELECT service, kind, label, value, account, region, key FROM name"))
    return [
        *(f"the name table lacks {n[0]}/{n[1]} {n[2]} `{n[3]}`" for n in sorted(expected - present)),
        *(f"the name table has a stray {n[0]}/{n[1]} {n[2]} `{n[3]}`" for n in sorted(present - expected)),
    ]
