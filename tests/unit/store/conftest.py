"""Stores to test: every test that takes `store` runs on all, `open_durable` on those that last."""

import pytest

from databases import new_database
from masugata.store import open_store
from unit.store.things import KINDS


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, tmp_path):
    """An empty store of any sort."""
    place = None if request.param == "memory" else new_database(request.param, request, tmp_path).place
    opened = open_store(place, KINDS)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """Where a durable store may be made."""
    return new_database(request.param, request, tmp_path)


@pytest.fixture
def open_durable(database):
    """Open `database`, as often as wanted; all are closed at the end."""
    yield from _opener(database.place)


@pytest.fixture
def path(tmp_path):
    """Where a SQLite database may be made."""
    return tmp_path / "data" / "masugata.db"


@pytest.fixture
def open_sqlite(path):
    """Open the SQLite database at `path`, as often as wanted; all are closed at the end."""
    yield from _opener(path)


@pytest.fixture
def postgres(request, tmp_path):
    """An empty PostgreSQL database."""
    return new_database("postgres", request, tmp_path)


@pytest.fixture
def open_postgres(postgres):
    """Open the database `postgres`, as often as wanted; all are closed at the end."""
    yield from _opener(postgres.place)


def _opener(place):
    opened = []

    def open_one(**options):
        where = options.pop("place", place)
        opened.append(open_store(where, options.pop("kinds", KINDS), **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()
