"""Changes on their way into the store."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from immutables import Map

from masugata.records.kind import Kind, R
from masugata.store.codec import Codecs
from masugata.store.errors import InvalidRecordError, MissingRecordError, StoreError
from masugata.store.event import EventRow, check_event, check_text
from masugata.store.snapshot import RecordId, Snapshot

T = TypeVar("T")

Changes = Map[RecordId, bytes | None]
"""The new body of each changed record, None for a deleted one."""


class Savepoint(NamedTuple):
    """A state of a transaction to which it can return."""

    state: Snapshot
    changes: Changes
    events: int
    forgotten: int


class Transaction:
    """Reads like a snapshot, sees its own changes, and writes.

    It belongs to the job it was given to and refuses to write once that job is over.
    """

    __slots__ = ("_changes", "_codecs", "_events", "_forgotten", "_lasting", "_open", "_state")

    def __init__(self, codecs: Codecs, state: Snapshot, changes: Changes) -> None:
        self._codecs = codecs
        self._state = state
        self._changes = changes
        self._events: list[EventRow] = []
        self._forgotten: list[str] = []
        self._lasting: list[Callable[[], None]] = []
        self._open = True

    def get(self, kind: Kind[R], account: str, key: str, region: str = "") -> R | None:
        """The record with this key, or None."""
        return self._state.get(kind, account, key, region)

    def scan(self, kind: Kind[R], account: str, region: str = "", *, after: str | None = None) -> Iterator[R]:
        """The records of one account and Region by key, as they are now; later writes do not show."""
        return self._state.scan(kind, account, region, after=after)

    def count(self, kind: Kind[R], account: str, region: str = "") -> int:
        """How many records of a kind one account and Region have."""
        return self._state.count(kind, account, region)

    def partitions(self, kind: Kind[R]) -> list[tuple[str, str]]:
        """The (account, Region) pairs that have at least one record of a kind, sorted."""
        return self._state.partitions(kind)

    def by_name(self, kind: Kind[R], label: str, value: str) -> tuple[str, str, R] | None:
        """The account, Region and record that has this unique name, or None."""
        return self._state.by_name(kind, label, value)

    def referring(self, kind: Kind[R], account: str, label: str, value: str, region: str = "") -> list[R]:
        """The records of one account and Region that carry this reference, by key."""
        return self._state.referring(kind, account, label, value, region)

    def scan_referring(
        self,
        kind: Kind[R],
        account: str,
        label: str,
        value: str,
        region: str = "",
        *,
        after: str | None = None,
    ) -> Iterator[R]:
        """As `referring`, but one record after the other, starting behind the key `after`."""
        return self._state.scan_referring(kind, account, label, value, region, after=after)

    def count_referring(self, kind: Kind[R], account: str, label: str, value: str, region: str = "") -> int:
        """How many records of one account and Region carry this reference."""
        return self._state.count_referring(kind, account, label, value, region)

    def state_of(self, kind: Kind[R]) -> object:
        """An object that is the same as long as no record of this kind has changed: compare it by `is`."""
        return self._state.state_of(kind)

    def put(self, kind: Kind[R], account: str, record: R, region: str = "") -> None:
        """Store a record in the place of any with its key.

        Raises `DuplicateNameError` if another record has one of its names, `InvalidRecordError` if
        it could not be read back.
        """
        self._check_open()
        codec = self._codecs.get((kind.service, kind.name))
        if codec is None or codec.kind is not kind:
            raise InvalidRecordError(f"the store was opened without {kind}")
        body, stored = codec.encode(record)
        key = kind.key(stored)
        check_text(account, region, key)
        for label, value in kind.names(stored):
            check_text(label, value)
        self._state = self._state.put(kind, account, region, stored)
        self._changes = self._changes.set(RecordId(kind.service, kind.name, account, region, key), body)

    def put_lasting(self, kind: Kind[R], account: str, record: R, region: str = "") -> None:
        """Like `put`, but no rollback undoes it: for what a call leaves behind even if it is refused.

        The record must have been there at every savepoint to which the transaction may return.
        """
        self.put(kind, account, record, region)
        self._lasting.append(lambda: self.put(kind, account, record, region))

    def delete(self, kind: Kind[R], account: str, key: str, region: str = "") -> None:
        """Delete a record; raises `MissingRecordError` if there is none."""
        self._check_open()
        if self._state.get(kind, account, key, region) is None:
            raise MissingRecordError(f"account `{account}` has no {kind.service} {kind.name} `{key}`")
        self._state = self._state.without(kind, account, region, key)
        self._changes = self._changes.set(RecordId(kind.service, kind.name, account, region, key), None)

    def emit(self, event: EventRow) -> None:
        """Store an event together with the changes; raises `InvalidRecordError`."""
        self._check_open()
        check_event(event)
        self._events.append(event)

    def forget_uses(self, prefix: str) -> None:
        """Forget, together with the changes, all last uses whose keys start with `prefix`."""
        self._check_open()
        check_text(prefix)
        self._forgotten.append(prefix)

    def savepoint(self) -> Savepoint:
        """Remember the present state, in constant time."""
        return Savepoint(self._state, self._changes, len(self._events), len(self._forgotten))

    def rollback(self, savepoint: Savepoint) -> None:
        """Forget all changes and events since `savepoint`, which this transaction gave, but lasting ones."""
        self._check_open()
        self._state, self._changes, events, forgotten = savepoint
        del self._events[events:]
        del self._forgotten[forgotten:]
        for put_again in self._lasting:
            put_again()

    def _check_open(self) -> None:
        if not self._open:
            raise StoreError("the transaction is over")

    def _finish(self) -> tuple[Snapshot, Changes, list[EventRow], list[str]]:
        self._open = False
        return self._state, self._changes, self._events, self._forgotten


class Group:
    """Jobs that are committed together, each on the state that the one before left."""

    def __init__(self, codecs: Codecs, base: Snapshot) -> None:
        self.base = base
        self.state = base
        self.changes: Changes = Map()
        self.events: list[EventRow] = []
        self.forgotten: list[str] = []
        self._codecs = codecs

    def run(self, job: Callable[[Transaction], T]) -> T:
        """Run a job and keep its changes; if it raises, keep none of them."""
        transaction = Transaction(self._codecs, self.state, self.changes)
        try:
            result = job(transaction)
        except BaseException:
            transaction._finish()  # noqa: SLF001
            raise
        self.state, self.changes, events, forgotten = transaction._finish()  # noqa: SLF001
        self.events += events
        self.forgotten += forgotten
        return result
