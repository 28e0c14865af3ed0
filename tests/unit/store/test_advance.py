"""A process that is behind reads what changed and nothing else, counted in rows."""

from contextlib import contextmanager

import pytest

from masugata.store.sqlite import rows
from unit.store.things import THING, Thing

META = 2  # rows: the revision, and up to where the change log was compacted


class Counting:
    """A connection that counts the rows that are read over it."""

    def __init__(self, connection):
        self.connection, self.rows = connection, 0

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def execute(self, statement, *parameters):
        cursor = self.connection.execute(statement, *parameters)
        return cursor if statement.startswith("PRAGMA") else CountingCursor(self, cursor)


class CountingCursor:
    """The answer to one statement."""

    def __init__(self, counting, cursor):
        self.counting, self.cursor = counting, cursor

    def __getattr__(self, name):
        return getattr(self.cursor, name)

    def __iter__(self):
        for row in self.cursor:
            self.counting.rows += 1
            yield row

    def fetchone(self):
        row = self.cursor.fetchone()
        self.counting.rows += row is not None
        return row


@contextmanager
def counted(store, name):
    """Count the rows that one of the store's connections reads meanwhile."""
    counting = Counting(getattr(store, name))
    setattr(store, name, counting)
    try:
        yield counting
    finally:
        setattr(store, name, counting.connection)


def put(store, *things):
    """Put things in one transaction."""

    def job(transaction):
        for thing in things:
            transaction.put(THING, "1", thing)

    store.submit(job).result()


@pytest.mark.parametrize("size", [10, 1000])
def test_only_changes_are_read(open_sqlite, size):
    """Three records that others changed in five revisions cost three rows, however many records there are."""
    behind, ahead = open_sqlite(), open_sqlite()
    put(ahead, *[Thing(name=f"{number}", serial=f"{number}") for number in range(size)])
    assert behind.snapshot().count(THING, "1") == size
    for turn in range(3):
        put(ahead, Thing(name="1", serial="1", size=turn))
    put(ahead, Thing(name="new", serial="new"))
    ahead.submit(lambda t: t.delete(THING, "1", "2")).result()
    with counted(behind, "_reader") as reader:
        snapshot = behind.snapshot()
        assert reader.rows == META + 3
        assert behind.snapshot() is snapshot
        assert reader.rows == META + 3, "what is known already is not read again"
    assert (snapshot.get(THING, "1", "1").size, snapshot.get(THING, "1", "2")) == (2, None)
    assert snapshot.by_name(THING, "serial", "new")
    assert snapshot.revision == ahead.snapshot().revision


def test_writer_reads_only_changes(open_sqlite):
    """The same for a commit on what others committed meanwhile, and nothing for one on its own state."""
    behind, ahead = open_sqlite(), open_sqlite()
    put(behind, *[Thing(name=f"{number}") for number in range(100)])
    put(ahead, Thing(name="1", size=1), Thing(name="2", size=1))
    behind._writing.execute("SELECT 1")  # the writer keeps its connection
    with counted(behind, "_writing") as writing:
        put(behind, Thing(name="3", size=1))
        assert writing.rows == META + 2
        put(behind, Thing(name="4", size=1))
        assert writing.rows == META + 2 + 1  # the revision alone
    assert [behind.snapshot().get(THING, "1", key).size for key in "1234"] == [1, 1, 1, 1]


def test_events_cost_no_rows(open_sqlite):
    """Last uses that another process commits move no revision: only that is read."""
    behind, ahead = open_sqlite(), open_sqlite()
    put(behind, Thing(name="a"))
    before = behind.snapshot()
    ahead.touch("key", b"now")
    ahead.flush().result()
    with counted(behind, "_reader") as reader:
        assert behind.snapshot() is before
        assert reader.rows == 1


def test_compaction_beyond_a_process_that_lags(open_sqlite):
    """Who is behind the compacted change log reads everything once, and then changes alone again."""
    behind, ahead = open_sqlite(), open_sqlite()
    put(behind, *[Thing(name=f"{number}", serial=f"{number}") for number in range(50)])
    ahead.submit(lambda t: t.delete(THING, "1", "7")).result()
    for turn in range(4):
        put(ahead, Thing(name="moved", serial="7", size=turn))
    ahead._submit_on_database(lambda connection: rows.compact(connection, 2)).result()
    with counted(behind, "_reader") as reader:
        snapshot = behind.snapshot()
        assert reader.rows == META + 50
        put(ahead, Thing(name="8", serial="8", size=1))
        assert behind.snapshot().get(THING, "1", "8").size == 1
        assert reader.rows == META + 50 + META + 1
    assert snapshot.get(THING, "1", "7") is None
    assert snapshot.by_name(THING, "serial", "7")[2].name == "moved"
    assert list(behind.snapshot().scan(THING, "1")) == list(open_sqlite().snapshot().scan(THING, "1"))
