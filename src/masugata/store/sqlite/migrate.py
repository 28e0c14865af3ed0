"""Bringing a database to the schema that this program knows."""

import sqlite3
from collections.abc import Callable, Iterator

from masugata.store.schema import Migration, check_known
from masugata.store.sqlite.connection import APPLICATION_ID, check_application

_PATIENCE = 600_000  # milliseconds, for the migrations of another process


def migrate(
    connection: sqlite3.Connection,
    known: list[Migration],
    finish: Callable[[sqlite3.Connection], None] = lambda _: None,
) -> None:
    """Apply the migrations that are missing and what `finish` does beyond SQL, all or none.

    Raises `StoreIncompatibleError` if the database was migrated further than this program knows.
    """
    if _schema(connection, len(known)) == len(known):
        return
    patience: int = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA busy_timeout = {patience}")
    try:
        present = _schema(connection, len(known))  # again: another process may just have done it
        for _, script in known[present:]:
            for statement in _statements(script):
                connection.execute(statement)
        finish(connection)
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
    check_known(present, known)
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
