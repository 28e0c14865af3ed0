"""What can go wrong in the store."""

from masugata.errors import MasugataError


class StoreError(MasugataError):
    """Root of the store's errors."""


class StoreUnavailableError(StoreError):
    """The database did not take or give what was asked; nothing of the call was kept.

    If PostgreSQL's connection was lost in the middle of a commit, all of it may have been; the text says so.
    """


class StoreBusyError(StoreUnavailableError):
    """A queue of the store is full; the call may be tried again later."""


class StoreIncompatibleError(StoreError):
    """The database holds something that this program does not understand; it was left untouched."""


class InvalidRecordError(StoreError):
    """A record or event that could not be read back as it was given."""


class MissingRecordError(StoreError):
    """The record to delete does not exist."""


class DuplicateNameError(StoreError):
    """Another record already has this unique name; `label` and `value` say which."""

    def __init__(self, service: str, kind: str, label: str, value: str) -> None:
        super().__init__(f"another {service} {kind} already has the {label} `{value}`")
        self.service = service
        self.kind = kind
        self.label = label
        self.value = value
