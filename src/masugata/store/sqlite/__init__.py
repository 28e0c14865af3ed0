"""The store on SQLite."""

from masugata.store.sqlite.replacing import alone_with, replace_database, stored_revision
from masugata.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore", "alone_with", "replace_database", "stored_revision"]
