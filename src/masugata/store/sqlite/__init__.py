"""The store on SQLite."""

from masugata.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
