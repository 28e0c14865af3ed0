"""Events found by postings, beside a store that looks at each of them."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masugata.store import event_postings
from masugata.store.event import ATTRIBUTES
from masugata.store.memory import MemoryStore
from unit.store.things import KINDS, NOON, event

MINUTE = timedelta(minutes=1)
LONG = "long" * 1000
NAMES = st.sampled_from(["a", "b", "A", '"', ",", "]", "\\", "é", "true", LONG, LONG + "er"])
TIMES = st.builds(
    lambda minutes, tie: NOON + minutes * MINUTE + tie, st.integers(0, 45), st.just(timedelta())
)
EVENTS = st.lists(
    st.builds(
        lambda time, **fields: event(0, time=time, **fields),
        TIMES,
        account=st.sampled_from("12"),
        event_id=NAMES,
        name=NAMES,
        source=NAMES,
        username=NAMES,
        access_key_id=NAMES,
        read_only=st.booleans(),
        resources=st.lists(st.tuples(NAMES, NAMES), max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=9,
)
QUERIES = st.fixed_dictionaries(
    {
        "start": st.none() | TIMES,
        "end": st.none() | TIMES,
        "attribute": st.none() | st.tuples(st.sampled_from(sorted(ATTRIBUTES)), NAMES | st.just("false")),
        "limit": st.integers(1, 5),
    }
)
STEPS = st.lists(EVENTS | TIMES | QUERIES, min_size=1, max_size=12)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch):
    """Postings are made of seven events each time."""
    monkeypatch.setattr(event_postings, "TAIL", 7)


@pytest.mark.usefixtures("few")
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_what_memory_finds_is_found(steps, emptied, database):
    """Whatever comes in, in whatever order of times, and is deleted: each page is the same."""
    store, before = emptied()
    memory = MemoryStore(KINDS, event_bytes=1 << 30)
    for step in steps:
        if isinstance(step, list):
            for each in (store, memory):
                each.record_durably(step, None).result()
        elif isinstance(step, dict):
            assert pages(store, step, before) == pages(memory, step)
        else:
            assert store.delete_events_before(step).result() == memory.delete_events_before(step).result()
    for attribute in ATTRIBUTES:
        query = {"attribute": (attribute, "a"), "limit": 3}
        assert pages(store, query, before) == pages(memory, query)
    assert store.check() == []
    store.delete_events_before(NOON + 60 * MINUTE).result()
    assert database.edit("SELECT count(*) FROM event_posting") == [(0,)]


@pytest.fixture
def emptied(open_durable):
    """The same store without events, and the number of the last one that it had."""
    store = open_durable()

    def empty():
        store.delete_events_before(NOON + 60 * MINUTE).result()
        with store.export() as exported:
            return store, exported.last_seq

    return empty


def pages(store, query, before=0):
    """The numbers of the events that answer a query, page by page, counted from `before`."""
    found, last = [], None
    while page := store.events("1", "eu", before_seq=last, **query):
        last = page[-1].seq
        found.append([row.seq - before for row in page])
    return found


@pytest.mark.usefixtures("few")
def test_work_of_a_page_is_bounded(open_durable, monkeypatch):
    """A page of a long log is made of a few rows, wherever it lies in it, and if nothing is found of one."""
    store = open_durable()
    store.record_durably([event(n, username="often", event_id=f"{n}") for n in range(4000)], None).result()
    (rare, *_) = store.events("1", "eu", end=NOON + timedelta(seconds=9), limit=1)
    read = 0
    real = event_postings._between

    def counting(*arguments):
        nonlocal read
        read += 1
        return real(*arguments)

    monkeypatch.setattr(event_postings, "_between", counting)
    for query in (
        {},
        {"before_seq": rare.seq},
        {"attribute": ("Username", "often")},
        {"attribute": ("Username", "x")},
    ):
        read = 0
        store.events("1", "eu", limit=5, **query)
        assert read <= 4, query
