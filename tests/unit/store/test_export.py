"""Everything out of one store and into another, of the same sort or not."""

import pytest

from masugata.store import Export, LastUse, RecordRow, StoreError, open_store
from unit.store.things import COUNTER, KINDS, NOON, THING, Counter, Thing, event


def fill(store):
    """Records of several sorts, events out of step with the clock, last uses, and numbers that are gone."""

    def job(transaction):
        transaction.put(THING, "1", Thing(name="Lamp", serial="S1", marks=("m",), owners=("o",)), "eu")
        transaction.put(THING, "2", Thing(name="lamp", size=3))
        transaction.put(COUNTER, "1", Counter(value=7))
        transaction.emit(event(1, resources=(("type", "name"), ("type", "other"))))
        transaction.emit(event(0, body=b"\xff\x00 not text"))

    store.submit(job).result()
    store.submit(lambda t: t.emit(event(2, resources=(("type", "last"),)))).result()
    store.submit(lambda t: t.delete(THING, "2", "lamp")).result()
    store.touch("key/1", b"\x00used")
    store.flush().result()


def content(store):
    """All rows of a store, and the newest number of an event."""
    with store.export() as export:
        records = sorted(
            (row.service, row.kind, row.account, row.region, row.key, row.body) for row in export.records
        )
        return (
            records,
            list(export.events),
            sorted((use.key, use.body) for use in export.last_uses),
            export.last_seq,
        )


@pytest.mark.parametrize("source", ["memory", "sqlite"])
def test_any_store_into_any_other(source, store, tmp_path):
    """What one store held another one holds: records, names, events with their numbers, last uses."""
    first = open_store(None if source == "memory" else tmp_path / "first.db", KINDS)
    fill(first)
    with first.export() as export:
        revision = export.revision
        store.import_(export)
    assert content(store) == content(first)
    first.close()
    assert store.snapshot().revision > revision
    assert store.snapshot().by_name(THING, "serial", "S1")[2].name == "Lamp"
    assert [thing.name for thing in store.snapshot().referring(THING, "1", "owner", "o", "eu")] == ["Lamp"]
    assert store.check() == []
    assert store.touched("key/1") == b"\x00used"
    assert [row.event_id for row in store.events("1", "eu")] == ["id-2", "id-1", "id-0"]
    assert [row.seq for row in store.events("1", "eu", attribute=("ResourceName", "other"))] == [1]
    store.submit(lambda t: t.emit(event(3))).result()
    assert store.events("1", "eu")[0].seq == 4


def test_numbers_of_deleted_events(store, tmp_path):
    """A number that was given is not given again, not even by the store that an export went into."""
    fill(store)
    while store.delete_events_before(NOON.replace(hour=13)).result():
        pass
    target = open_store(tmp_path / "target.db", KINDS)
    with store.export() as export:
        target.import_(export)
    target.submit(lambda t: t.emit(event(9))).result()
    assert [row.seq for row in target.events("1", "eu")] == [4]
    target.close()


def test_writers_go_on(store):
    """What is committed while an export is read is not in it, and needs not wait for it."""
    fill(store)
    with store.export() as export:
        store.submit(lambda t: t.put(THING, "9", Thing(name="new"))).result()
        store.submit(lambda t: t.emit(event(5))).result()
        assert "new" not in [row.key for row in export.records]
        assert [row.seq for row in export.events] == [1, 2, 3]
    assert store.snapshot().count(THING, "9") == 1


def test_only_an_empty_store_is_filled(store):
    """A store that holds anything is left as it is."""
    fill(store)
    before = content(store)
    with pytest.raises(StoreError, match="not empty"), store.export() as export:
        store.import_(export)
    assert content(store) == before


def test_who_reads_sees_it(open_sqlite):
    """A process that had the empty database open sees what was put into it."""
    watching, filling = open_sqlite(), open_sqlite()
    assert watching.snapshot().revision == 0
    filling.import_(rows(RecordRow("test", "thing", "1", "", "a", b'{"version":1,"name":"a"}')))
    assert watching.snapshot().get(THING, "1", "a") == Thing(name="a")


def rows(*records, events=(), uses=(), last_seq=0):
    """An export of these rows."""
    return Export(0, last_seq, iter(records), iter(events), iter(uses))


def thing(key, body):
    """A stored thing."""
    return RecordRow("test", "thing", "1", "", key, body)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("unknown kind", lambda: rows(RecordRow("test", "ghost", "1", "", "a", b'{"version":1}'))),
        ("newer format", lambda: rows(thing("a", b'{"version":2,"name":"a"}'))),
        ("no JSON", lambda: rows(thing("a", b"\xff"))),
        ("key of another", lambda: rows(thing("b", b'{"version":1,"name":"a"}'))),
        ("twice", lambda: rows(*[thing("a", b'{"version":1,"name":"a"}')] * 2)),
        (
            "name twice",
            lambda: rows(*(thing(n, b'{"version":1,"name":"%s","serial":"S"}' % n.encode()) for n in "ab")),
        ),
        ("number twice", lambda: rows(events=[event(1, seq=1), event(2, seq=1)], last_seq=9)),
        ("number beyond the last", lambda: rows(events=[event(1, seq=2)], last_seq=1)),
        ("no number", lambda: rows(events=[event(1)], last_seq=1)),
    ],
)
def test_bad_rows(store, name, bad):
    """What this program cannot read, or contradicts itself, is refused, and nothing of it is kept."""
    export = bad()
    good = thing("good", b'{"version":1,"name":"good"}')
    with pytest.raises(StoreError):
        store.import_(
            Export(0, export.last_seq, iter([good, *export.records]), export.events, export.last_uses)
        )
    assert content(store)[:3] == ([], [], []), name
    assert store.check() == []
    store.import_(rows(good, uses=[LastUse("k", b"")]))
    assert store.snapshot().count(THING, "1") == 1


def test_error_of_the_source(store):
    """When the source fails half way, its own error arrives and nothing was kept."""

    def broken():
        yield thing("a", b'{"version":1,"name":"a"}')
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        store.import_(Export(5, 0, broken(), iter(()), iter(())))
    assert content(store)[:3] == ([], [], [])
