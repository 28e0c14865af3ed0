"""The event log."""

from datetime import datetime, timedelta

import pytest

from masugata.store import InvalidRecordError
from masugata.store.event import BODY_LIMIT, from_microseconds, microseconds
from unit.store.things import NOON, event


def record(store, *events):
    for row in events:
        store.record_event(row)
    store.flush().result()


def found(store, **query):
    return [row.event_id for row in store.events("1", "eu", **query)]


def test_events_come_back_whole(store):
    """Every column, the resources in their order, and the body byte for byte."""
    row = event(
        1,
        username="älice",
        access_key_id="AKIA",
        read_only=True,
        resources=(("AWS::Test::B", "b"), ("AWS::Test::A", "a"), ("AWS::Test::B", "b")),
        body=b"\x00\xff any bytes",
        time=NOON + timedelta(microseconds=1),
    )
    record(store, row)
    (stored,) = store.events("1", "eu")
    assert stored.seq == 1
    assert {f: getattr(stored, f) for f in row.__struct_fields__ if f != "seq"} == {
        f: getattr(row, f) for f in row.__struct_fields__ if f != "seq"
    }


def test_newest_first_by_time(store):
    """Order is by time, then by order of arrival, both backwards."""
    record(store, event(2), event(1), event(3), event(2, event_id="later"))
    assert found(store) == ["id-3", "later", "id-2", "id-1"]


def test_other_accounts_and_regions_do_not_show(store):
    """A look-up sees one account and one Region."""
    record(store, event(1), event(2, account="2"), event(3, region="us"))
    assert found(store) == ["id-1"]
    assert store.events("3", "eu") == []


def test_start_and_end_are_included(store):
    """Events at the very start and end of the range count."""
    record(store, *(event(number) for number in range(5)))
    second = timedelta(seconds=1)
    assert found(store, start=NOON + second, end=NOON + 3 * second) == ["id-3", "id-2", "id-1"]
    assert found(store, start=NOON + 4 * second) == ["id-4"]
    assert found(store, end=NOON) == ["id-0"]


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        ("EventId", "id-2", ["id-2"]),
        ("EventName", "DeleteThing", ["id-3"]),
        ("ReadOnly", "true", ["id-2"]),
        ("ReadOnly", "false", ["id-3", "id-1"]),
        ("ReadOnly", "True", []),
        ("Username", "bob", ["id-1"]),
        ("Username", "nobody", []),
        ("ResourceType", "AWS::Test::A", ["id-3", "id-1"]),
        ("ResourceName", "x", ["id-2", "id-1"]),
        ("EventSource", "other.amazonaws.com", ["id-3"]),
        ("AccessKeyId", "AKIA2", ["id-2"]),
    ],
)
def test_attributes(store, attribute, value, expected):
    """Each look-up attribute selects by its own column, exactly."""
    record(
        store,
        event(1, username="bob", resources=(("AWS::Test::A", "x"), ("AWS::Test::A", "y"))),
        event(2, read_only=True, access_key_id="AKIA2", resources=(("AWS::Test::B", "x"),)),
        event(3, name="DeleteThing", source="other.amazonaws.com", resources=(("AWS::Test::A", "z"),)),
    )
    assert found(store, attribute=(attribute, value)) == expected


@pytest.mark.parametrize("attribute", [None, ("EventName", "CreateThing"), ("ResourceName", "x")])
def test_pages_cover_everything_once(store, attribute):
    """Following `before_seq` gives every event once, in order, even when new ones arrive between."""
    times = [3, 1, 2, 2, 5, 4]
    record(store, *(event(t, event_id=f"{n}", resources=(("T", "x"),)) for n, t in enumerate(times)))
    pages, before = [], None
    while page := store.events("1", "eu", attribute=attribute, before_seq=before, limit=2):
        pages += [row.event_id for row in page]
        before = page[-1].seq
        record(store, event(9, event_id="new", resources=(("T", "x"),)))
    assert pages == ["4", "5", "0", "3", "2", "1"]


def test_resource_named_twice_fills_one_place(store):
    """An event that names the same resource twice takes one place on its page."""
    record(store, event(1, resources=(("T", "x"),)), event(2, resources=(("T", "x"), ("U", "x"), ("T", "x"))))
    assert found(store, attribute=("ResourceName", "x"), limit=2) == ["id-2", "id-1"]
    assert found(store, attribute=("ResourceType", "T"), limit=2) == ["id-2", "id-1"]


def test_page_behind_a_deleted_event_is_empty(store):
    """A page that would continue behind an expired event has nothing older left to show."""
    record(store, event(1), event(2), event(3))
    last = store.events("1", "eu", limit=2)[-1]
    assert store.delete_events_before(NOON + timedelta(seconds=3)).result() == 2
    assert store.events("1", "eu", before_seq=last.seq) == []


def test_old_events_are_deleted(store):
    """Deleting takes what is older than the time, from every account, and says how many."""
    record(store, event(1, resources=(("T", "x"),)), event(2, account="2"), event(3))
    assert store.delete_events_before(NOON + timedelta(seconds=3)).result() == 2
    assert store.delete_events_before(NOON + timedelta(seconds=3)).result() == 0
    assert found(store) == ["id-3"]
    assert found(store, attribute=("ResourceName", "x")) == []


def test_numbers_are_never_given_twice(store):
    """An event recorded after all were deleted has a new number, so no marker points to a wrong one."""
    record(store, event(1), event(2))
    store.delete_events_before(NOON + timedelta(hours=1)).result()
    record(store, event(3))
    assert [row.seq for row in store.events("1", "eu")] == [3]


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_limit_is_bounded(store, limit):
    """A page has 1 to 1000 events."""
    with pytest.raises(ValueError, match=f"`{limit}`"):
        store.events("1", "eu", limit=limit)


def test_unknown_attribute_is_named(store):
    """An attribute that does not exist is an error, not an empty answer."""
    with pytest.raises(ValueError, match="`Colour` is not a look-up attribute"):
        store.events("1", "eu", attribute=("Colour", "red"))


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"time": datetime(2026, 1, 1)}, id="time-without-zone"),  # noqa: DTZ001
        pytest.param({"username": None}, id="text-that-is-none"),
        pytest.param({"body": "{}"}, id="body-that-is-text"),
        pytest.param({"body": b" " * (BODY_LIMIT + 1)}, id="body-too-large"),
        pytest.param({"resources": (("T", "x"),) * 1001}, id="too-many-resources"),
    ],
)
def test_bad_events_are_refused_at_once(store, fields):
    """An event that the database would refuse never waits beside those of others."""
    with pytest.raises(InvalidRecordError):
        store.record_event(event(1, **fields))
    assert found(store) == []


def test_times_are_exact():
    """Microseconds survive the way into the database and back, before 1970 too."""
    for time in (NOON, NOON + timedelta(microseconds=1), from_microseconds(-1), from_microseconds(2**51 + 1)):
        assert from_microseconds(microseconds(time)) == time


def test_deletion_by_size(store):
    """The oldest events by time go until the rest takes no more than it may; their numbers stay used."""
    for number in (2, 0, 1, 3):
        store.record_event(event(number, body=b"x" * 1000, resources=(("t", "n"),)))
    store.flush().result()
    full = store.event_bytes()
    assert 4 * 1000 < full < 4 * 3000
    assert store.delete_events_above(full).result() == 0
    assert store.delete_events_above(full // 2).result() == 2
    assert [row.event_id for row in store.events("1", "eu")] == ["id-3", "id-2"]
    assert store.event_bytes() == full // 2
    assert store.delete_events_before(NOON + timedelta(hours=1)).result() == 2
    assert store.event_bytes() == 0
    assert store.check() == []
    store.record_event(event(9))
    store.flush().result()
    assert store.events("1", "eu")[0].seq == 5
    assert store.delete_events_above(0).result() == 1
    assert store.event_bytes() == 0
