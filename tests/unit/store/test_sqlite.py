"""What is special about the store on SQLite: files and their failures."""

import os
import sqlite3
import stat
from contextlib import closing
from threading import current_thread, main_thread

import pytest

from masugata.store import StoreIncompatibleError, StoreUnavailableError
from masugata.store.event import ATTRIBUTES, EVENT_OVERHEAD, microseconds
from masugata.store.query import EventQuery
from masugata.store.schema import migrations
from masugata.store.sqlite import events, rows
from masugata.store.sqlite.migrate import migrate
from unit.store.things import NOON, THING, Thing, busy_writer, event, put


def edit(path, statement, *parameters):
    """Change the database behind the store's back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement, parameters)


def test_files_are_private(open_sqlite, path):
    """Folder 0700 and files 0600 from the start, whatever the umask is; a looser file is tightened."""
    old = os.umask(0)
    try:
        store = open_sqlite()
        put(store, Thing(name="a")).result()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    store.close()
    path.chmod(0o644)
    open_sqlite()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_commit_while_catching_up(open_sqlite, monkeypatch):
    """What is committed between a read and its end is not missed by the next one."""
    behind, ahead = open_sqlite(), open_sqlite()
    put(ahead, Thing(name="early")).result()
    read, waiting = rows.newest, [Thing(name="late")]

    def reading(*arguments):
        state = read(*arguments)
        if current_thread() is main_thread() and waiting:
            put(ahead, waiting.pop()).result()
        return state

    monkeypatch.setattr(rows, "newest", reading)
    behind.snapshot()
    assert not waiting
    assert [thing.name for thing in behind.snapshot().scan(THING, "1")] == ["early", "late"]


def test_folder_that_anybody_can_write_is_refused(open_sqlite, path):
    """A database that strangers could replace is not used."""
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with pytest.raises(StoreUnavailableError, match="anybody can write"):
        open_sqlite()


def test_symbolic_link_is_refused(open_sqlite, path, tmp_path):
    """The database is a file, not a pointer to somebody else's."""
    path.parent.mkdir(mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreUnavailableError, match="cannot open"):
        open_sqlite()
    assert not (tmp_path / "elsewhere").exists()


def test_file_of_another_sort_is_refused_untouched(open_sqlite, path):
    """A file that is no database is an error and stays as it was."""
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"my diary, " * 1000)
    with pytest.raises(StoreUnavailableError, match="not a database"):
        open_sqlite()
    assert path.read_bytes() == b"my diary, " * 1000


def test_database_of_another_program_is_refused(open_sqlite, path):
    """Another program's SQLite database gets no tables of ours."""
    path.parent.mkdir(mode=0o700)
    edit(path, "CREATE TABLE diary (entry TEXT)")
    with pytest.raises(StoreIncompatibleError, match="another program"):
        open_sqlite()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("diary",)]


def test_newer_schema_is_refused(open_sqlite, path):
    """A database migrated by a newer program is not opened by an older one."""
    open_sqlite().close()
    edit(path, f"PRAGMA user_version = {len(migrations('sqlite')) + 1}")
    with pytest.raises(StoreIncompatibleError, match="schema `4`, this program knows up to 3"):
        open_sqlite()


def test_wrong_size_is_found(open_sqlite, path):
    """A number that does not fit the events is reported, for the bound of the log hangs on it."""
    store = open_sqlite()
    store.record_event(event(1))
    store.flush().result()
    assert store.check() == []
    edit(path, "UPDATE meta SET value = 7 WHERE key = 'event_bytes'")
    (problem,) = store.check()
    assert "noted to take 7 bytes" in problem


def test_events_of_the_first_schema(open_sqlite, path):
    """They are all there after the migration: found by what they name, measured, and followed in number."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, migrations("sqlite")[:1])
        for seq in (3, 4):
            row = (
                seq,
                microseconds(NOON),
                "1",
                "eu",
                f"id-{seq}",
                "CreateThing",
                "test",
                "bob",
                "",
                1,
                b"x" * 500,
            )
            connection.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        for position, name in enumerate(('b"', "a")):
            row = (3, position, "1", "eu", microseconds(NOON), "T", name)
            connection.execute("INSERT INTO event_resource VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.execute("UPDATE sqlite_sequence SET seq = 7 WHERE name = 'event'")
    store = open_sqlite()
    assert store.event_bytes() == 2 * (500 + EVENT_OVERHEAD)
    assert [row.seq for row in store.events("1", "eu", attribute=("Username", "bob"))] == [4, 3]
    (named,) = store.events("1", "eu", attribute=("ResourceName", 'b"'))
    assert (named.event_id, named.resources, named.body) == ("id-3", (("T", 'b"'), ("T", "a")), b"x" * 500)
    store.record_event(event(1))
    store.flush().result()
    assert [row.seq for row in store.events("1", "eu")] == [8, 4, 3]
    assert store.check() == []


def test_migration_is_all_or_nothing():
    """A migration that fails in the middle leaves the schema of before, and the next one continues it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, migrations("sqlite"))
        broken = "CREATE TABLE more (x);\n-- and then\nCREATE TABLE record (x);\n"
        with pytest.raises(sqlite3.OperationalError, match="already exists"):
            migrate(connection, [*migrations("sqlite"), (4, broken)])
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        assert not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'more'").fetchall()
        migrate(connection, [*migrations("sqlite"), (4, "CREATE TABLE more (x)")])
        assert connection.execute("PRAGMA user_version").fetchone() == (4,)
        assert connection.execute("SELECT count(*) FROM more").fetchone() == (0,)


def test_full_disk_fails_the_group_and_nothing_else(open_sqlite):
    """When the disk is full every job of the group fails, the state stays, and the writer lives on."""
    store = open_sqlite()
    put(store, Thing(name="a")).result()
    store.touch("key", b"now")
    # The bound belongs to the writer's connection, which is replaced after the failure.
    pages = store._submit_on_database(lambda c: c.execute("PRAGMA page_count").fetchone()[0]).result()
    store._submit_on_database(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone()).result()
    with busy_writer(store):
        doomed = [put(store, Thing(name="big", marks=("x" * 100_000,))), put(store, Thing(name="small"))]
        store.record_event(event(1))
    for future in doomed:
        with pytest.raises(StoreUnavailableError, match="full"):
            future.result()
    assert store.snapshot().revision == 1
    assert [thing.name for thing in store.snapshot().scan(THING, "1")] == ["a"]
    put(store, Thing(name="b")).result()
    assert [thing.name for thing in store.snapshot().scan(THING, "1")] == ["a", "b"]
    assert [row.event_id for row in store.events("1", "eu")] == ["id-1"]
    assert store.check() == []


def test_locked_database_fails_the_group(open_sqlite, path):
    """A database that another program holds locked is unavailable, for reading it is not."""
    store = open_sqlite(busy_timeout=0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailableError, match="locked"):
            put(store, Thing(name="a")).result()
        assert "locked" in store.failing
        assert store.snapshot().count(THING, "1") == 0
        other.execute("ROLLBACK")
    put(store, Thing(name="a")).result()
    assert store.failing is None


def test_replaced_file_is_not_written(open_sqlite, path):
    """Nothing is acknowledged into a file that is no longer the database."""
    store = open_sqlite()
    put(store, Thing(name="a")).result()
    path.rename(path.with_name("moved.db"))
    with pytest.raises(StoreUnavailableError, match="could not be stored"):
        put(store, Thing(name="b")).result()
    path.with_name("moved.db").rename(path)
    put(store, Thing(name="b")).result()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM meta WHERE key = 'revision'",
        "UPDATE meta SET value = 0 WHERE key = 'revision'",
        "DROP TABLE meta",
    ],
)
def test_unreadable_revision_refuses(open_sqlite, path, statement):
    """Without a trustworthy revision there is no snapshot, neither now nor at the next try."""
    store = open_sqlite()
    put(store, Thing(name="a")).result()
    store.snapshot()
    edit(path, statement)
    for _ in range(2):
        with pytest.raises(StoreUnavailableError):
            store.snapshot()
        with pytest.raises(StoreUnavailableError):
            put(store, Thing(name="b")).result()


def test_look_ups_use_an_index(open_sqlite, path):
    """No look-up of events walks through the whole log, whatever the attribute."""
    store = open_sqlite()
    for number in range(20):
        store.record_event(event(number, name="true", resources=(("true", "true"),)))
    store.flush().result()
    plans = []

    class Explaining(sqlite3.Connection):
        def execute(self, statement, parameters=()):
            plans.extend(row[3] for row in super().execute(f"EXPLAIN QUERY PLAN {statement}", parameters))
            return super().execute(statement, parameters)

    start, end = microseconds(NOON), microseconds(NOON) + 15_000_000
    with closing(sqlite3.connect(path, factory=Explaining)) as connection:
        for attribute in (None, *ATTRIBUTES):
            pair = attribute and (attribute, "true")
            events.find(connection, EventQuery("1", "eu", start, end, pair, before_seq=10, limit=5))
    assert {plan.split(" (")[0] for plan in plans if " event" in plan} == {
        "SEARCH event USING INTEGER PRIMARY KEY",
        "SEARCH event USING INDEX event_by_id",
        "SEARCH event_posting USING PRIMARY KEY",
    }


def test_lost_revision_stops_the_start(open_sqlite, path):
    """A database that forgot its revision is not opened."""
    open_sqlite().close()
    edit(path, "DELETE FROM meta WHERE key = 'revision'")
    with pytest.raises(StoreIncompatibleError, match="lost its `revision`"):
        open_sqlite()


def test_check_finds_rows_that_refer_to_nothing(open_sqlite, path):
    """A name whose record is gone, which only damage can bring about, is named."""
    store = open_sqlite()
    put(store, Thing(name="a", serial="S")).result()
    edit(path, "DELETE FROM record")
    assert "`name` refers to a missing row of `record`" in " ".join(store.check())
