"""Records, names, the change log and its head as rows."""

import gc
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from masugata.metrics import METRICS
from masugata.metrics.table import SNAPSHOT_LOADS
from masugata.store.changes import CHANGE_LIMIT, advance, group_rows, name_problems
from masugata.store.codec import Codecs, codec_named
from masugata.store.errors import StoreIncompatibleError
from masugata.store.postgres.connection import Connection
from masugata.store.snapshot import Snapshot, SnapshotBuilder
from masugata.store.transaction import Group

_FETCHED = 1000  # rows at a time, so that reading everything needs no copy of everything

_HEAD = "SELECT revision, stamp, compacted, seq, indexed FROM head"
_LOCK = f"{_HEAD} FOR UPDATE"
_ALL = "SELECT service, kind, account, region, key, body FROM record"
_PARTITIONS = "SELECT DISTINCT service, kind, account, region FROM record"
_LOAD = "SELECT key, body FROM record WHERE service = %s AND kind = %s AND account = %s AND region = %s"
_CHANGED = """
SELECT c.service, c.kind, c.account, c.region, c.key, r.body
FROM (SELECT DISTINCT service, kind, account, region, key FROM change WHERE revision > %s) AS c
LEFT JOIN record AS r USING (service, kind, account, region, key)
"""
_PUT = """
INSERT INTO record (service, kind, account, region, key, revision, body) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (service, kind, account, region, key)
DO UPDATE SET revision = excluded.revision, body = excluded.body
"""
_DELETE = "DELETE FROM record WHERE service = %s AND kind = %s AND account = %s AND region = %s AND key = %s"
_PUT_NAME = """
INSERT INTO name (service, kind, label, value, account, region, key) VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_DELETE_NAME = "DELETE FROM name WHERE service = %s AND kind = %s AND label = %s AND value = %s"
_PUT_CHANGE = """
INSERT INTO change (revision, stamp, service, kind, account, region, key, operation)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


class Head(NamedTuple):
    """The row that says how far the database is."""

    revision: int
    stamp: int
    compacted: int
    seq: int
    indexed: int


class State(NamedTuple):
    """A snapshot, and the stamp that its revision has in the database."""

    snapshot: Snapshot
    stamp: int


def head(connection: Connection) -> Head:
    """How far the database is; raises `StoreIncompatibleError` if it has forgotten it."""
    return _only(connection.execute(_HEAD, prepare=True).fetchone())


def begin(connection: Connection) -> Head:
    """Begin a transaction in which no other node commits; gives how far the database is.

    At READ COMMITTED whatever is read after the lock is at least as new as what the lock waited for.
    """
    with connection.pipeline():
        connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE")
        locked = connection.execute(_LOCK, prepare=True)
    return _only(locked.fetchone())


def _only(row: tuple[int, int, int, int, int] | None) -> Head:
    if row is None:
        raise StoreIncompatibleError("the database has lost its `head`")
    return Head(*row)


@contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """All that is read inside is of one commit."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK")


def newest(connection: Connection, codecs: Codecs, known: State | None, now: Head) -> State:
    """The state in the database, within the caller's transaction, from the latest state known.

    Only what changed since is read, unless that is no longer in the change log. Raises
    `StoreIncompatibleError` if the database holds something unknown, or if it is no continuation of
    the state known: then it lost commits that were acknowledged.
    """
    if known is None:
        METRICS.add(SNAPSHOT_LOADS, "whole")
        return State(_load(connection, codecs, now.revision), now.stamp)
    revision = known.snapshot.revision
    if (now.revision, now.stamp) == (revision, known.stamp):
        return known
    if now.revision <= revision:
        raise _went_back(revision, now)
    if revision <= now.compacted:  # the stamp of the state known is forgotten as well
        METRICS.add(SNAPSHOT_LOADS, "whole")
        return State(_load(connection, codecs, now.revision), now.stamp)
    if _stamp(connection, revision) != known.stamp:
        raise _went_back(revision, now)
    METRICS.add(SNAPSHOT_LOADS, "changes")
    changed = connection.execute(_CHANGED, (revision,), binary=True)
    return State(advance(known.snapshot, codecs, changed, now.revision), now.stamp)


def _stamp(connection: Connection, revision: int) -> int | None:
    row = connection.execute("SELECT stamp FROM change WHERE revision = %s LIMIT 1", (revision,)).fetchone()
    return None if row is None else row[0]


def _went_back(revision: int, now: Head) -> StoreIncompatibleError:
    return StoreIncompatibleError(
        f"the database went back from revision {revision}, or to another history, now at {now.revision}: "
        "it has lost commits; start the program again"
    )


def _load(connection: Connection, codecs: Codecs, revision: int) -> Snapshot:
    builder = SnapshotBuilder()
    collecting = gc.isenabled()
    gc.disable()  # looking for garbage among ever more live records doubles the time to start
    try:
        for place in connection.execute(_PARTITIONS).fetchall():
            service, kind, account, region = place
            with connection.cursor("records", binary=True) as bodies:
                bodies.itersize = _FETCHED
                bodies.execute(_LOAD, place)
                builder.add(codec_named(codecs, service, kind), account, region, bodies)
        return builder.build(revision)
    finally:
        if collecting:
            gc.enable()


def write(connection: Connection, codecs: Codecs, group: Group, stamp: int) -> State:
    """Write what a group changed under one new revision; gives the state it leads to.

    `stamp` is that of the group's base. The caller has locked the head, and may pipeline all of this.
    """
    if not group.changes:
        return State(group.state, stamp)
    revision, stamp = group.base.revision + 1, secrets.randbits(53)
    rows = group_rows(codecs, group)
    with connection.cursor() as cursor:
        cursor.executemany(_DELETE_NAME, rows.old_names)
        cursor.executemany(_DELETE, rows.deletes)
        cursor.executemany(_PUT, [(*identity, revision, body) for identity, body in rows.puts])
        cursor.executemany(_PUT_NAME, rows.names)
        cursor.executemany(
            _PUT_CHANGE, [(revision, stamp, *identity, operation) for identity, operation in rows.changes]
        )
        cursor.execute("UPDATE head SET revision = %s, stamp = %s", (revision, stamp))
    if revision % CHANGE_LIMIT == 0:
        compact(connection)
    return State(group.state.at(revision), stamp)


def compact(connection: Connection, keep: int = CHANGE_LIMIT) -> int:
    """Forget all but the newest `keep` revisions of the change log; gives how many rows."""
    now = head(connection)
    limit = now.revision - keep
    if limit <= now.compacted:
        return 0
    connection.execute("UPDATE head SET compacted = %s", (limit,))
    return connection.execute("DELETE FROM change WHERE revision <= %s", (limit,)).rowcount


def check_names(connection: Connection, codecs: Codecs) -> list[str]:
    """Compare the name table with the names that the records have."""
    present = set(connection.execute("SELECT service, kind, label, value, account, region, key FROM name"))
    with connection.cursor("checked", binary=True) as cursor:
        cursor.itersize = _FETCHED
        return name_problems(codecs, cursor.execute(_ALL), present)


def problems(connection: Connection, codecs: Codecs) -> list[str]:
    """What is wrong with the content, and with how the server keeps it."""
    pages = connection.execute("SELECT current_setting('full_page_writes')").fetchall()[0][0]
    found = [] if pages == "on" else ["the server runs with full_page_writes=off: a crash can damage tables"]
    return found + check_names(connection, codecs)
