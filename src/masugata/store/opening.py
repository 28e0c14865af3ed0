"""Opening a store."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from masugata.records.kind import Kind
from masugata.store.memory import MemoryStore
from masugata.store.protocol import Store


def open_store(path: str | Path | None, kinds: Iterable[Kind[Any]], *, busy_timeout: float = 5.0) -> Store:
    """The store in the SQLite file `path`, made if it is missing; in memory if `path` is None.

    `kinds` are all kinds of records that may be in it; `busy_timeout` is in seconds. Raises
    `StoreIncompatibleError` if the file holds what this program does not understand, and
    `StoreUnavailableError` if it cannot be opened.
    """
    if path is None:
        return MemoryStore(kinds)
    from masugata.store.sqlite import SqliteStore  # noqa: PLC0415  # in-memory use need not load SQLite

    return SqliteStore(Path(path), kinds, busy_timeout=busy_timeout)
