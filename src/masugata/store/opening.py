"""Opening a store."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from masugata.records.kind import Kind
from masugata.store.errors import StoreError
from masugata.store.memory import MemoryStore
from masugata.store.protocol import Store

_SCHEMES = ("postgresql://", "postgres://")


def open_store(place: Path | str | None, kinds: Iterable[Kind[Any]], *, busy_timeout: float = 5.0) -> Store:
    """The store in a SQLite file or a PostgreSQL database, made if it is missing; in memory for None.

    `place` is a path or a `postgresql://` URL, `kinds` are all kinds of records that may be in it,
    `busy_timeout` is in seconds. Raises `StoreIncompatibleError` if it holds what this program does
    not understand, and `StoreUnavailableError` if it cannot be opened.
    """
    if place is None:
        return MemoryStore(kinds)
    # What is not used is not loaded: it would make every start slower.
    if is_database_url(place):
        _need_psycopg()
        from masugata.store.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(str(place), kinds, busy_timeout=busy_timeout)
    from masugata.store.sqlite import SqliteStore  # noqa: PLC0415

    return SqliteStore(Path(place), kinds, busy_timeout=busy_timeout)


def holds_store(place: Path | str) -> bool:
    """Whether a store was made here before; raises `StoreUnavailableError` if that cannot be found out."""
    if is_database_url(place):
        _need_psycopg()
        from masugata.store.postgres import is_installed  # noqa: PLC0415

        return is_installed(str(place))
    path = Path(place)
    return path.exists() and path.stat().st_size > 0


def is_database_url(place: Path | str) -> bool:
    """Whether this is the URL of a PostgreSQL database."""
    return isinstance(place, str) and place.startswith(_SCHEMES)


def _need_psycopg() -> None:
    try:
        import psycopg  # noqa: F401, PLC0415
    except ImportError as error:
        raise StoreError("PostgreSQL needs psycopg: pip install 'masugata[postgres]'") from error
