"""Stores to test: every test that takes `store` runs on both."""

import pytest

from masugata.store import open_store
from unit.store.things import KINDS


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    """An empty store of either sort."""
    path = None if request.param == "memory" else tmp_path / "data" / "masugata.db"
    opened = open_store(path, KINDS)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path):
    """Where a database may be made."""
    return tmp_path / "data" / "masugata.db"


@pytest.fixture
def open_sqlite(path):
    """Open the database at `path`, as often as wanted; all are closed at the end."""
    opened = []

    def open_one(**options):
        opened.append(open_store(path, options.pop("kinds", KINDS), **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
