"""Stores to test: every test that takes `store` runs on all, `open_durable` on those that last."""

import pytest

from databases import PostgresDatabase, SqliteDatabase
from masugata.store import open_store
from unit.store.things import KINDS


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request, tmp_path):
    """An empty store of any sort."""
    opened = open_store(_place(request, tmp_path), KINDS)
    yield opened
    opened.close()


def _place(request, tmp_path):
    if request.param == "memory":
        return None
    if request.param == "sqlite":
        return tmp_path / "data" / "masugata.db"
    return PostgresDatabase(request.getfixturevalue("postgres_server")).place


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """Where a durable store may be made."""
    if request.param == "sqlite":
        return SqliteDatabase(tmp_path / "data" / "masugata.db")
    return PostgresDatabase(request.getfixturevalue("postgres_server"))


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
def postgres(postgres_server):
    """An empty PostgreSQL database."""
    return PostgresDatabase(postgres_server)


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
