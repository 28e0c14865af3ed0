"""Ids of requests and events."""

import uuid
from concurrent.futures import ThreadPoolExecutor
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
