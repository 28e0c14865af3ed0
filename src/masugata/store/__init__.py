"""Records, events and last uses of one installation, durable in one database."""

from masugata.store.errors import (
    DuplicateNameError,
    InvalidRecordError,
    MissingRecordError,
    StoreBusyError,
    StoreError,
    StoreIncompatibleError,
    StoreUnavailableError,
)
from masugata.store.event import EventRow
from masugata.store.export import Export, LastUse, RecordRow, check_export
from masugata.store.opening import holds_store, open_store
from masugata.store.protocol import Records, Store
from masugata.store.snapshot import Snapshot
from masugata.store.transaction import Savepoint, Transaction

__all__ = [
    "DuplicateNameError",
    "EventRow",
    "Export",
    "InvalidRecordError",
    "LastUse",
    "MissingRecordError",
    "RecordRow",
    "Records",
    "Savepoint",
    "Snapshot",
    "Store",
    "StoreBusyError",
    "StoreError",
    "StoreIncompatibleError",
    "StoreUnavailableError",
    "Transaction",
    "check_export",
    "holds_store",
    "open_store",
]
