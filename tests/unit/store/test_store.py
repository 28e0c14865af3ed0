"""What every store does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from threading import Barrier

import pytest

from masugata.records.kind import Kind
from masugata.store import (
    DuplicateNameError,
    InvalidRecordError,
    MissingRecordError,
    StoreError,
    StoreUnavailableError,
    open_store,
)
from unit.store.things import COUNTER, KINDS, THING, Counter, Thing, event


def put(store, *things, account="1", region=""):
    def job(transaction):
        for thing in things:
            transaction.put(THING, account, thing, region)

    store.submit(job).result()


def test_put_is_read_back(store):
    """A record that was acknowledged is in the next snapshot, under its account and Region only."""
    put(store, Thing(name="Lamp"), region="eu")
    snapshot = store.snapshot()
    assert snapshot.get(THING, "1", "lamp", "eu") == Thing(name="Lamp")
    assert snapshot.get(THING, "1", "lamp") is None
    assert snapshot.get(THING, "2", "lamp", "eu") is None
    assert snapshot.get(COUNTER, "1", "lamp", "eu") is None


def test_snapshots_do_not_change(store):
    """A snapshot shows the same state after later commits."""
    put(store, Thing(name="a"))
    before = store.snapshot()
    put(store, Thing(name="a", size=1), Thing(name="b"))
    assert list(before.scan(THING, "1")) == [Thing(name="a")]
    assert store.snapshot().count(THING, "1") == 2


def test_scan_is_sorted_and_can_be_continued(store):
    """Listing goes by key and continues behind any key, present or not."""
    put(store, *(Thing(name=name) for name in "cadb"))
    snapshot = store.snapshot()
    assert [thing.name for thing in snapshot.scan(THING, "1")] == ["a", "b", "c", "d"]
    assert [thing.name for thing in islice(snapshot.scan(THING, "1", after="a"), 2)] == ["b", "c"]
    assert [thing.name for thing in snapshot.scan(THING, "1", after="bb")] == ["c", "d"]
    assert list(snapshot.scan(THING, "1", after="d")) == []
    assert list(snapshot.scan(THING, "9")) == []


def test_unique_name_binds_all_accounts(store):
    """A name is unique in the whole installation, and a refused job changes nothing."""
    put(store, Thing(name="a", serial="S1"))
    with pytest.raises(DuplicateNameError, match="another test thing already has the serial `S1`"):
        put(store, Thing(name="first"), Thing(name="b", serial="S1"), account="2")
    snapshot = store.snapshot()
    assert snapshot.count(THING, "2") == 0
    assert snapshot.by_name(THING, "serial", "S1") == ("1", "", Thing(name="a", serial="S1"))


def test_same_value_under_another_label_is_free(store):
    """Labels are name spaces of their own."""
    put(store, Thing(name="a", serial="X"), Thing(name="b", marks=("X",)))
    assert store.snapshot().by_name(THING, "mark", "X") == ("1", "", Thing(name="b", marks=("X",)))


def test_names_can_move_within_one_job(store):
    """A name given up by one record can be taken by another in the same transaction."""
    put(store, Thing(name="a", serial="S1"), Thing(name="b", serial="S2"))

    def swap(transaction):
        transaction.put(THING, "1", Thing(name="a"))
        transaction.put(THING, "1", Thing(name="b", serial="S1"))
        transaction.put(THING, "1", Thing(name="a", serial="S2"))

    store.submit(swap).result()
    snapshot = store.snapshot()
    assert snapshot.by_name(THING, "serial", "S1")[2].name == "b"
    assert snapshot.by_name(THING, "serial", "S2")[2].name == "a"


def test_deleted_record_frees_its_names(store):
    """After a delete the names and references are gone and can be used again."""
    put(store, Thing(name="a", serial="S1", owners=("me",)))
    store.submit(lambda t: t.delete(THING, "1", "a")).result()
    snapshot = store.snapshot()
    assert snapshot.by_name(THING, "serial", "S1") is None
    assert snapshot.referring(THING, "1", "owner", "me") == []
    assert snapshot.partitions(THING) == []
    assert len(snapshot._kinds) == 0
    put(store, Thing(name="b", serial="S1"))


def test_delete_of_nothing_is_an_error(store):
    """Deleting a record that does not exist raises instead of pretending."""
    with pytest.raises(MissingRecordError, match="account `1` has no test thing `a`"):
        store.submit(lambda t: t.delete(THING, "1", "a")).result()


def test_referring_lists_by_key(store):
    """References find all records that carry them, of one account and Region, by key."""
    put(store, Thing(name="b", owners=("me", "you")), Thing(name="a", owners=("me",)), Thing(name="c"))
    put(store, Thing(name="d", owners=("me",)), account="2")
    snapshot = store.snapshot()
    assert [thing.name for thing in snapshot.referring(THING, "1", "owner", "me")] == ["a", "b"]
    put(store, Thing(name="b", owners=("you",)))
    assert [thing.name for thing in store.snapshot().referring(THING, "1", "owner", "me")] == ["a"]
    assert snapshot.referring(THING, "1", "owner", "nobody") == []


def test_referring_goes_on_behind_a_key_and_counts(store):
    """What many carry can be counted, and be gone through from behind any key, there or not."""
    put(store, *(Thing(name=name, owners=("me",)) for name in "abcd"), Thing(name="e", owners=("you",)))
    snapshot = store.snapshot()

    def behind(key):
        found = snapshot.scan_referring(THING, "1", "owner", "me", after=key)
        return [thing.name for thing in found]

    assert behind(None) == ["a", "b", "c", "d"]
    assert behind("b") == behind("ba") == ["c", "d"]
    assert behind("d") == []
    counts = {who: snapshot.count_referring(THING, "1", "owner", who) for who in ("me", "you", "nobody")}
    assert counts == {"me": 4, "you": 1, "nobody": 0}
    assert snapshot.count_referring(THING, "2", "owner", "me") == 0


def test_partitions_are_listed(store):
    """The scheduler can find every account and Region that has records of a kind."""
    put(store, Thing(name="a"), account="2")
    put(store, Thing(name="a"), account="1", region="eu")
    assert store.snapshot().partitions(THING) == [("1", "eu"), ("2", "")]
    assert store.snapshot().partitions(COUNTER) == []


def test_transaction_sees_its_own_changes(store):
    """Reads inside a job see what the job wrote, by every way of reading."""

    def job(transaction):
        transaction.put(THING, "1", Thing(name="a", serial="S", owners=("me",)))
        return (
            transaction.get(THING, "1", "a").name,
            [thing.name for thing in transaction.scan(THING, "1")],
            transaction.count(THING, "1"),
            transaction.by_name(THING, "serial", "S")[0],
            len(transaction.referring(THING, "1", "owner", "me")),
            len(list(transaction.scan_referring(THING, "1", "owner", "me"))),
            transaction.count_referring(THING, "1", "owner", "me"),
            transaction.partitions(THING),
        )

    assert store.submit(job).result() == ("a", ["a"], 1, "1", 1, 1, 1, [("1", "")])


def test_rollback_to_savepoint(store):
    """Rolling back forgets records and events since the savepoint and nothing else."""

    def job(transaction):
        transaction.put(THING, "1", Thing(name="kept"))
        transaction.emit(event(1))
        savepoint = transaction.savepoint()
        transaction.put(THING, "1", Thing(name="lost", serial="S"))
        transaction.delete(THING, "1", "kept")
        transaction.emit(event(2))
        transaction.rollback(savepoint)
        transaction.emit(event(3))

    store.submit(job).result()
    assert [thing.name for thing in store.snapshot().scan(THING, "1")] == ["kept"]
    assert [row.event_id for row in store.events("1", "eu")] == ["id-3", "id-1"]
    assert store.snapshot().by_name(THING, "serial", "S") is None


def test_what_lasts_survives_rollbacks(store):
    """A lasting record is kept by every rollback, as it was put last; nothing else is."""

    def job(transaction):
        transaction.put(THING, "1", Thing(name="count", size=1))
        first = transaction.savepoint()
        transaction.put_lasting(THING, "1", Thing(name="count", size=2))
        transaction.put(THING, "1", Thing(name="lost"))
        second = transaction.savepoint()
        transaction.put_lasting(THING, "1", Thing(name="count", size=3))
        transaction.rollback(second)
        transaction.rollback(first)

    store.submit(job).result()
    assert [(thing.name, thing.size) for thing in store.snapshot().scan(THING, "1")] == [("count", 3)]


def test_what_lasts_does_not_survive_a_failing_job(store):
    """A job that raises leaves nothing at all, and a transaction that is over takes nothing more."""
    kept = []

    def job(transaction):
        kept.append(transaction)
        transaction.put_lasting(THING, "1", Thing(name="lost"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.submit(job).result()
    assert list(store.snapshot().scan(THING, "1")) == []
    with pytest.raises(StoreError):
        kept[0].put_lasting(THING, "1", Thing(name="late"))


def test_failing_job_keeps_nothing(store):
    """An exception drops the job's records and events and reaches the one who waits."""

    def job(transaction):
        transaction.put(THING, "1", Thing(name="a"))
        transaction.emit(event(1))
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        store.submit(job).result()
    assert store.snapshot().revision == 0
    assert store.snapshot().count(THING, "1") == 0
    assert store.events("1", "eu") == []


def test_job_result_is_returned(store):
    """The future has what the job returned."""
    assert store.submit(lambda _: 42).result() == 42


def test_revision_moves_with_records_only(store):
    """Events, last uses and jobs without changes leave the revision alone."""
    put(store, Thing(name="a"))
    assert store.snapshot().revision == 1
    store.submit(lambda t: t.emit(event(1))).result()
    store.record_event(event(2))
    store.touch("key", b"now")
    store.flush().result()
    store.submit(lambda t: t.count(THING, "1")).result()
    assert store.snapshot().revision == 1


def test_transaction_is_over_after_its_job(store):
    """A transaction that escapes from its job cannot write any more."""
    transaction = store.submit(lambda t: t).result()
    for write in (
        lambda: transaction.put(THING, "1", Thing(name="a")),
        lambda: transaction.delete(THING, "1", "a"),
        lambda: transaction.emit(event(1)),
    ):
        with pytest.raises(StoreError, match="transaction is over"):
            write()


def test_job_cannot_submit(store):
    """A job that waited for another job would wait for itself, so it is refused."""
    with pytest.raises(StoreError, match="cannot submit"):
        store.submit(lambda _: store.submit(lambda _: None)).result()


def test_unknown_kind_is_refused(store):
    """Only kinds that the store was opened with can be written."""
    other = Kind("test", "thing", Thing, key=lambda t: t.name, names=lambda _: (), references=lambda _: ())
    with pytest.raises(InvalidRecordError, match="opened without"):
        store.submit(lambda t: t.put(other, "1", Thing(name="a"))).result()


@pytest.mark.parametrize("bad", ["\0", "a\0b", "\ud800"])
def test_texts_that_no_database_holds(store, bad):
    """Text that a database cannot hold fails its own job, not the commit of all."""
    for job in (
        lambda t: t.put(THING, "1", Thing(name=bad)),
        lambda t: t.put(THING, bad, Thing(name="a")),
        lambda t: t.put(THING, "1", Thing(name="a"), bad),
        lambda t: t.put(THING, "1", Thing(name="a", serial=bad)),
        lambda t: t.emit(event(1, username=bad)),
        lambda t: t.emit(event(1, resources=(("AWS::Test", bad),))),
    ):
        with pytest.raises(InvalidRecordError):
            store.submit(job).result()
    with pytest.raises(InvalidRecordError):
        store.record_event(event(1, name=bad))
    with pytest.raises(InvalidRecordError):
        store.touch(bad, b"")
    put(store, Thing(name="fine"))


def test_racing_jobs_lose_no_update(store):
    """Jobs from many threads run one after the other, each on the state that the one before left."""
    start = Barrier(4)

    def add(transaction):
        counter = transaction.get(COUNTER, "1", "only") or Counter()
        transaction.put(COUNTER, "1", Counter(value=counter.value + 1))

    def worker():
        start.wait()
        for future in [store.submit(add) for _ in range(50)]:
            future.result()

    with ThreadPoolExecutor(4) as pool:
        for worked in [pool.submit(worker) for _ in range(4)]:
            worked.result()
    assert store.snapshot().get(COUNTER, "1", "only").value == 200


def test_last_use_is_seen_at_once(store):
    """The last note wins, before and after it is durable, an empty one included."""
    assert store.touched("key") is None
    store.touch("key", b"one")
    store.touch("key", b"two")
    assert store.touched("key") == b"two"
    store.flush().result()
    assert store.touched("key") == b"two"
    store.touch("key", b"")
    assert store.touched("key") == b""


def test_last_uses_by_prefix(store):
    """All keys under a prefix and no others, waiting or durable; a waiting note hides the older one."""
    for key in ("used/A/x", "used/A/y", "used/AB/x", "used/B/x", "used/A"):
        store.touch(key, b"old")
    store.flush().result()
    store.touch("used/A/x", b"new")
    assert store.touched_under("used/A/") == {"used/A/x": b"new", "used/A/y": b"old"}
    assert store.touched_under("used/C/") == {}


def test_last_uses_are_forgotten_with_the_change(store):
    """Only once the job succeeds, only under the prefix, and not if the job returned to a savepoint."""
    for key in ("used/A/x", "used/B/x"):
        store.touch(key, b"1")

    def fails(transaction):
        transaction.forget_uses("used/A/")
        raise ValueError("no")

    def returns(transaction):
        savepoint = transaction.savepoint()
        transaction.forget_uses("used/A/")
        transaction.rollback(savepoint)

    with pytest.raises(ValueError, match="no"):
        store.submit(fails).result()
    store.submit(returns).result()
    assert store.touched("used/A/x") == b"1"
    store.submit(lambda transaction: transaction.forget_uses("used/A/")).result()
    assert store.touched("used/A/x") is None
    assert store.touched("used/B/x") == b"1"


def test_closed_store_refuses(store):
    """Every call after closing raises, and closing again does not."""
    store.close()
    for call in (
        store.snapshot,
        store.flush,
        store.check,
        lambda: store.submit(lambda _: None),
        lambda: store.record_event(event(1)),
        lambda: store.events("1", "eu"),
        lambda: store.touch("key", b""),
        lambda: store.touched("key"),
        lambda: store.touched_under("key"),
        store.compact_changes,
    ):
        with pytest.raises(StoreUnavailableError, match="closed"):
            call()
    store.close()


def test_healthy_store_has_no_complaints(store):
    """The check of a store in use finds nothing."""
    put(store, Thing(name="a", serial="S", marks=("x",)), Thing(name="b"))
    store.submit(lambda t: t.delete(THING, "1", "b")).result()
    store.submit(lambda t: t.emit(event(1, resources=(("AWS::Test", "x"),)))).result()
    assert store.check() == []


def test_reset_forgets_all_but_the_revision():
    """A reset store is empty, and its revision is one that no cache has seen."""
    store = open_store(None, KINDS)
    put(store, Thing(name="a", serial="S"))
    store.record_event(event(1))
    store.touch("key", b"now")
    store.reset()
    assert store.ephemeral
    assert store.snapshot().revision == 2
    assert store.snapshot().by_name(THING, "serial", "S") is None
    assert store.events("1", "eu") == []
    assert store.touched("key") is None


def test_memory_bounds_its_events():
    """An ephemeral store forgets its oldest events rather than grow for ever."""
    from masugata.store.memory import MemoryStore

    store = MemoryStore(KINDS, event_bytes=100_000)
    for number in range(100):
        store.record_event(event(number, body=b" " * 20_000, resources=(("T", "x" * 4000),)))
    assert [row.event_id for row in store.events("1", "eu")] == ["id-99", "id-98", "id-97", "id-96"]
    for number in range(100, 1000):
        store.record_event(event(number, body=b""))
    assert len(store.events("1", "eu", limit=1000)) < 200
    store.delete_events_before(event(1000).time).result()
    assert store._event_bytes == 0


def test_memory_forgets_the_oldest_by_time():
    """What goes first is what happened first, even if it arrived last."""
    from masugata.store.memory import MemoryStore

    store = MemoryStore(KINDS, event_bytes=100_000)
    for number in (5, 3, 4, 1, 2, 6):
        store.record_event(event(number, body=b" " * 24_000))
    assert [row.event_id for row in store.events("1", "eu")] == ["id-6", "id-5", "id-4", "id-3"]


def test_memory_looks_up_without_sorting():
    """A page of the newest events compares no times, however many events there are."""
    from masugata.store.memory import MemoryStore

    compared = []

    class Time(datetime):
        def __lt__(self, other):
            compared.append(other)
            return super().__lt__(other)

    store = MemoryStore(KINDS)
    for number in range(100):
        store.record_event(event(number, time=Time(2026, 1, 1, 12, 0, number % 60, number, tzinfo=UTC)))
    compared.clear()
    assert len(store.events("1", "eu", limit=10)) == 10
    assert compared == []


def test_nothing_fails_at_first(store):
    """A store that works says so."""
    store.record_event(event(1))
    store.flush().result()
    assert store.failing is None


def test_events_of_what_changes_nothing(store):
    """They are there once the future has its result; one that no database holds keeps all of them out."""
    done = store.record_durably([event(1), event(2)], "answer")
    assert done.result() == "answer"
    assert [row.event_id for row in store.events("1", "eu")] == ["id-2", "id-1"]
    revision = store.snapshot().revision
    with pytest.raises(InvalidRecordError):
        store.record_durably([event(3), event(4, name="half \ud800")], "answer")
    assert [row.event_id for row in store.events("1", "eu")] == ["id-2", "id-1"]
    assert store.snapshot().revision == revision
