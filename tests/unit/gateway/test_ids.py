"""Ids of requests and events."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from support import House


def test_ids_are_random_uuids_and_none_comes_twice(tmp_path: Path) -> None:
    """Also not to threads that ask at once: they share what was fetched for many."""
    house = House(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: house.gateway.new_id(), range(1000)))
    assert len(set(ids)) == 1000
    for text in ids:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)


def test_ids_of_events_go_by_time(tmp_path: Path) -> None:
    """Those of a later millisecond are greater, and of one millisecond none comes twice."""
    house = House(tmp_path)
    now = house.clock()
    same = [house.gateway.new_event_id(now) for _ in range(100)]
    later = house.gateway.new_event_id(now + timedelta(milliseconds=1))
    assert len(set(same)) == 100
    assert max(same) < later
    for text in (*same, later):
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 7, uuid.RFC_4122)
    assert uuid.UUID(same[0]).int >> 80 == int(now.timestamp() * 1000)


def test_a_last_use_is_handed_in_once_a_second(tmp_path: Path) -> None:
    """The same again is not; the next one is, and what the store holds is the newest."""
    house = House(tmp_path)
    given: list[tuple[str, bytes]] = []
    real, house.gateway.store.touch = house.store.touch, lambda name, used: given.append((name, used))  # type: ignore[method-assign]
    for used in (b"1", b"1", b"2", b"2", b"1"):
        house.gateway.note("access-key/a", used)
    house.gateway.store.touch = real  # type: ignore[method-assign]
    assert given == [("access-key/a", b"1"), ("access-key/a", b"2"), ("access-key/a", b"1")]
