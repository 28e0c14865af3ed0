"""The store on PostgreSQL."""

from masugata.store.postgres.store import PostgresStore, is_installed

__all__ = ["PostgresStore", "is_installed"]
