"""Bringing a database to the schema that this program knows."""

from collections.abc import Callable

import psycopg

from masugata.store.errors import StoreIncompatibleError
from masugata.store.postgres.connection import SCHEMA, Connection
from masugata.store.schema import Migration, check_known

APPLICATION_ID = 0x6D617375  # "masu", in the only row of the table `head`


def migrate(
    connection: Connection,
    known: list[Migration],
    finish: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Apply the migrations that are missing and what `finish` does beyond SQL, all or none.

    Nodes that start at once take turns. Raises `StoreIncompatibleError` if the database was migrated
    further than this program knows, or if its schema `masugata` is another program's.
    """
    if present_schema(connection, len(known)) == len(known):
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (APPLICATION_ID,))
        present = present_schema(connection, len(known))  # again: another node may just have done it
        if not connection.execute("SELECT to_regnamespace(%s) IS NOT NULL", (SCHEMA,)).fetchall()[0][0]:
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for _, script in known[present:]:
            connection.execute(script.encode())
        finish(connection)
        connection.execute("UPDATE head SET schema = %s", (len(known),))


def present_schema(connection: Connection, known: int) -> int:
    """The number of the last migration that was applied, 0 if none was; raises like `migrate`."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'", (SCHEMA,)
    ).fetchall()
    if not tables:
        return 0
    try:
        row = connection.execute("SELECT application, schema FROM head").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        row = None
    if row is None or row[0] != APPLICATION_ID:
        raise StoreIncompatibleError(f"the schema `{SCHEMA}` of the database is another program's")
    present: int = row[1]
    check_known(present, known)
    return present
