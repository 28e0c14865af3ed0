"""What was found in one state of the records, remembered for as long as that state is the present one."""

from collections.abc import Hashable
from operator import is_
from typing import Any, Generic, NamedTuple, TypeVar

from masugata.records.kind import Kind
from masugata.store import Records, Snapshot

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class _State(NamedTuple):
    """One state; `snapshot` is one that was seen to be in it."""

    snapshot: Records | None
    kinds: tuple[object, ...]
    found: dict[Any, Any]


class Remembered(Generic[K, V]):
    """A memory of what follows from the records of `kinds` alone, at most `limit` answers.

    A change of any of these records forgets all of it, so the next request is decided anew. Threads
    may share it: one state at a time is replaced as a whole.
    """

    def __init__(self, kinds: tuple[Kind[Any], ...], limit: int) -> None:
        self._kinds = kinds
        self._limit = limit
        self._state = _State(None, (), {})

    def of(self, records: Records) -> dict[K, V]:
        """The answers found in this state of the records; to be filled by `keep`."""
        state = self._state
        if records is state.snapshot:
            return state.found
        kinds = tuple([records.state_of(kind) for kind in self._kinds])
        same = len(state.kinds) == len(kinds) and all(map(is_, state.kinds, kinds))
        # A transaction changes under the same identity; a snapshot never does.
        snapshot = records if isinstance(records, Snapshot) else None
        self._state = state = _State(snapshot, kinds, state.found if same else {})
        return state.found

    def keep(self, found: dict[K, V], key: K, value: V) -> V:
        """Remember an answer in what `of` gave."""
        if len(found) >= self._limit:
            found.clear()
        found[key] = value
        return value
