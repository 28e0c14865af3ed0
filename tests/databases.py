"""Databases for tests of stores: where they are, and how to reach into them behind a store's back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path


class SqliteDatabase:
    """A SQLite file that a store may be made in."""

    sort = "sqlite"

    def __init__(self, path: Path) -> None:
        self.place = path

    def edit(self, statement: str, *parameters: object) -> list[tuple]:
        """Execute a statement, with `?` for parameters, and give its rows."""
        with closing(sqlite3.connect(self.place, isolation_level=None)) as connection:
            return connection.execute(statement, parameters).fetchall()

    def content(self) -> object:
        """Something that is equal only if nothing was changed in between."""
        return self.place.read_bytes()

    def remove(self) -> None:
        """The end of it, and of its folder."""
        shutil.rmtree(self.place.parent, ignore_errors=True)


class PostgresDatabase:
    """A new database on a server that a store may be made in."""

    sort = "postgres"

    def __init__(self, server) -> None:
        self.server = server
        self.name = server.database()
        self.place = server.url(self.name)

    def edit(self, statement: str, *parameters: object) -> list[tuple]:
        """Execute a statement, with `?` for parameters, and give its rows."""
        return self.server.execute(statement.replace("?", "%s"), parameters, self.name)

    def content(self) -> object:
        """Something that is equal only if nothing was changed in between."""
        tables = ("head", "record", "name", "change", "event", "event_posting", "last_used")
        return [self.edit(f"SELECT xmin::text, * FROM {table}") for table in tables]  # noqa: S608

    def remove(self) -> None:
        """The end of it."""
        self.server.give_back(self.name)


def new_database(sort: str, request, folder: Path):
    """An empty database of a sort that is removed at the end of the test."""
    database = (
        SqliteDatabase(folder / "data" / "masugata.db")
        if sort == "sqlite"
        else PostgresDatabase(request.getfixturevalue("postgres_server"))
    )
    request.addfinalizer(database.remove)
    return database
