"""Bringing a database to the schema that this program knows."""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from masugata.store.errors import StoreIncompatibleError
from masugata.store.sqlite.connection import APPLICATION_ID, check_application

Migration = tuple[int, str]


def migrations() -> list[Migration]:
    """All migrations as (number, SQL), in order; they are numbered from 1 without gaps."""
    folder = files("masugata.store") / "migrations" / "sqlite"
    found = sorted(
        (int(entry.name.split("_", 1)[0]), entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    )
    if [number for number, _ in found] != list(range(1, len(found) + 1)):
        raise StoreIncompatibleError(f"the migrations in `{folder}` are not numbered from 1 without gaps")
    return found


def migrate(connection: sqlite3.Connection, known: list[Migration]) -> None:
    """Apply the migrations that are missing, all or none.

    Raises `StoreIncompatibleError` if the database was migrated further than this program knows.
    """
    if _schema(connection, len(known)) == len(known):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        present = _schema(connection, len(known))  # again: another process may just have done it
        for _, script in known[present:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(known)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _schema(connection: sqlite3.Connection, known: int) -> int:
    check_application(connection)
    present: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if present > known:
        raise StoreIncompatibleError(
            f"the database has schema `{present}`, this program knows up to {known}; "
            "start it with the program that wrote it"
        )
    return present


def _statements(script: str) -> Iterator[str]:
    """Split a script, because `executescript` would commit the transaction it runs in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
