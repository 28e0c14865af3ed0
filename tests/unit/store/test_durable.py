"""What every store does that outlives its process."""

from importlib import import_module

import pytest

from masugata.store import (
    DuplicateNameError,
    StoreBusyError,
    StoreError,
    StoreIncompatibleError,
    StoreUnavailableError,
)
from unit.store.things import COUNTER, THING, Counter, Thing, busy_writer, event, put


def test_everything_survives_reopening(open_durable):
    """Records, names, references, events and last uses are there after closing and opening."""
    store = open_durable()
    put(store, Thing(name="a", serial="S", owners=("me",)), Thing(name="b"), Thing(name="c")).result()
    store.submit(lambda t: t.delete(THING, "1", "b")).result()
    store.record_event(event(1))
    store.touch("key", b"now")
    store.close()
    again = open_durable()
    snapshot = again.snapshot()
    assert snapshot.revision == 2
    assert [thing.name for thing in snapshot.scan(THING, "1")] == ["a", "c"]
    assert snapshot.by_name(THING, "serial", "S") == ("1", "", Thing(name="a", serial="S", owners=("me",)))
    assert snapshot.referring(THING, "1", "owner", "me") == [snapshot.get(THING, "1", "a")]
    assert [row.event_id for row in again.events("1", "eu")] == ["id-1"]
    assert again.touched("key") == b"now"
    assert not again.ephemeral


@pytest.mark.parametrize(
    ("statement", "parameters", "message"),
    [
        pytest.param("UPDATE record SET body = ?", (b'{"version":2}',), "version `2`", id="newer-format"),
        pytest.param(
            "INSERT INTO record VALUES ('s', 'k', '1', '', 'x', 1, ?)",
            (b"{}",),
            "unknown kind `s/k`",
            id="unknown-kind",
        ),
        pytest.param("UPDATE record SET body = ?", (b"\0",), "cannot be read", id="damaged-body"),
        pytest.param("UPDATE record SET key = 'b'", (), "key of another", id="key-of-another"),
    ],
)
def test_what_is_not_understood_stops_the_start(open_durable, database, statement, parameters, message):
    """A database with anything unknown in it is not opened, and nothing in it is changed."""
    store = open_durable()
    put(store, Thing(name="a")).result()
    store.close()
    database.edit(statement, *parameters)
    before = database.content()
    with pytest.raises(StoreIncompatibleError, match=message):
        open_durable()
    assert database.content() == before


def test_jobs_that_wait_share_one_revision(open_durable):
    """Waiting jobs are one group: each sees the ones before it, a failing one leaves no trace."""
    store = open_durable()
    with busy_writer(store):
        first = put(store, Thing(name="a", serial="S"))
        failing = put(store, Thing(name="ghost"), Thing(name="b", serial="S"))
        last = store.submit(lambda t: [thing.name for thing in t.scan(THING, "1")])
        assert store.snapshot().revision == 0
        assert not first.done()
    assert last.result() == ["a"]
    with pytest.raises(DuplicateNameError):
        failing.result()
    assert store.snapshot().revision == 1
    store.close()
    assert [thing.name for thing in open_durable().snapshot().scan(THING, "1")] == ["a"]


def test_cancelled_job_never_runs(open_durable):
    """A job whose caller went away before it started changes nothing."""
    store = open_durable()
    with busy_writer(store):
        assert put(store, Thing(name="a")).cancel()
    store.flush().result()
    assert store.snapshot().count(THING, "1") == 0


def test_queue_is_bounded(open_durable):
    """Jobs beyond the bound are refused at once, and the ones within it still run."""
    store = open_durable()
    store._writer._queue_limit = 2
    with busy_writer(store):
        accepted = [put(store, Thing(name="a")), put(store, Thing(name="b"))]
        with pytest.raises(StoreBusyError, match="2 jobs"):
            put(store, Thing(name="c"))
    for future in accepted:
        future.result()
    assert store.snapshot().count(THING, "1") == 2


def test_closing_finishes_what_waits(open_durable):
    """Jobs, events and last uses accepted before closing are durable after it."""
    store = open_durable()
    futures = [put(store, Thing(name=f"t{number}")) for number in range(200)]
    store.record_event(event(1))
    store.touch("key", b"now")
    store.close()
    assert all(future.done() and future.exception() is None for future in futures)
    again = open_durable()
    assert again.snapshot().count(THING, "1") == 200
    assert len(again.events("1", "eu")) == 1
    assert again.touched("key") == b"now"


def test_unknown_change_of_a_newer_program_refuses(open_durable):
    """A running program that meets a newer program's record in the change log refuses to decide."""
    store = open_durable()
    put(store, Thing(name="a")).result()
    newer = open_durable(kinds=(THING, COUNTER))
    store.close()
    store = open_durable(kinds=(THING,))
    newer.submit(lambda t: t.put(COUNTER, "1", Counter(value=1))).result()
    with pytest.raises(StoreUnavailableError, match="unknown kind `test/counter`"):
        store.snapshot()
    with pytest.raises(StoreUnavailableError, match="unknown kind `test/counter`"):
        put(store, Thing(name="b")).result()


@pytest.mark.parametrize("kept", [2, 5, 6])
def test_change_log_is_compacted(open_durable, database, kept):
    """A store that is behind the compacted change log, be it by one, reads all again and sees the deletes."""
    behind, ahead = open_durable(), open_durable()
    put(behind, Thing(name="a"), Thing(name="b")).result()
    ahead.submit(lambda t: t.delete(THING, "1", "a")).result()
    for number in range(5):
        put(ahead, Thing(name="c", size=number)).result()
    assert ahead.compact_changes().result() == 0
    # Two rows of the first revision, and one of each other one, the delete the first among them.
    compact = import_module(f"masugata.store.{database.sort}.rows").compact
    assert ahead._submit_on_database(lambda connection: compact(connection, kept)).result() == 8 - kept
    assert database.edit("SELECT count(*) FROM change") == [(kept,)]
    assert [thing.name for thing in behind.snapshot().scan(THING, "1")] == ["b", "c"]
    assert behind.snapshot().revision == 7


def test_only_ephemeral_stores_reset(open_durable):
    """A durable store does not forget."""
    store = open_durable()
    put(store, Thing(name="a")).result()
    with pytest.raises(StoreError, match="ephemeral"):
        store.reset()
    assert store.snapshot().count(THING, "1") == 1


@pytest.mark.parametrize(
    ("statement", "parameters", "message"),
    [
        pytest.param("DELETE FROM name", (), "the name table lacks test/thing serial `S`", id="lost-name"),
        pytest.param("UPDATE name SET value = 'T'", (), "stray test/thing serial `T`", id="stray-name"),
        pytest.param("UPDATE record SET body = ?", (b"\0",), "cannot be read", id="damaged-body"),
    ],
)
def test_check_names_the_damage(open_durable, database, statement, parameters, message):
    """The check says what is wrong, in words."""
    store = open_durable()
    put(store, Thing(name="a", serial="S")).result()
    database.edit(statement, *parameters)
    assert message in " ".join(store.check())


def test_many_events_in_one_commit(open_durable):
    """Each keeps its own fields, resources and place in the order, however many there are."""
    given = [
        event(
            number, username=f"u{number}", resources=(("T", f"a{number}"), ("T", f"b{number}"))[: number % 3]
        )
        for number in range(1, 150)
    ]
    store = open_durable()
    store.record_durably(given, None).result()
    store.close()
    stored = open_durable().events("1", "eu", limit=1000)
    assert [(row.event_id, row.username, row.resources) for row in reversed(stored)] == [
        (row.event_id, row.username, row.resources) for row in given
    ]
    assert [row.seq for row in reversed(stored)] == list(range(1, 150))
