"""An immutable table that remembers its keys in order."""

from bisect import bisect_left
from typing import Generic, TypeAlias, TypeVar

from masugata.store.layered import LayeredMap

V = TypeVar("V")

# Keys changed since sorting, as a chain: (earlier ones, key, how many).
_Pending: TypeAlias = tuple["_Pending", str, int] | None

_PENDING_LIMIT = 512  # beyond this, sorting afresh is cheaper than inserting one by one


class Table(Generic[V]):
    """Rows by key; `put` and `without` give a new table in O(log n).

    The sorted keys are computed when first asked for. A later version of the table starts from
    them and inserts what changed, so that listing a large table page by page stays cheap even
    while others write to it.
    """

    __slots__ = ("_order", "rows")

    def __init__(
        self, rows: LayeredMap[str, V] | None = None, order: tuple[list[str] | None, _Pending] = (None, None)
    ) -> None:
        self.rows: LayeredMap[str, V] = LayeredMap() if rows is None else rows
        self._order = order  # one tuple, so that readers in other threads never see half of it

    def __len__(self) -> int:
        return len(self.rows)

    def put(self, key: str, value: V) -> "Table[V]":
        """The table with `value` under `key`."""
        rows = self.rows.set(key, value)
        return Table(rows, self._order if len(rows) == len(self.rows) else self._changed(key))

    def without(self, key: str) -> "Table[V]":
        """The table without `key`, which must be there."""
        return Table(self.rows.delete(key), self._changed(key))

    def keys(self) -> list[str]:
        """All keys by code point; the list is shared and must not be changed."""
        base, pending = self._order
        if base is None:
            base = sorted(self.rows)
        elif pending is None:
            return base
        else:
            base = self._merged(base, pending)
        self._order = (base, None)
        return base

    def _changed(self, key: str) -> tuple[list[str] | None, _Pending]:
        base, pending = self._order
        depth = pending[2] + 1 if pending else 1
        if base is None or depth > _PENDING_LIMIT:
            return (None, None)
        return (base, (pending, key, depth))

    def _merged(self, base: list[str], pending: _Pending) -> list[str]:
        merged = base.copy()
        while pending is not None:
            pending, key, _ = pending
            at = bisect_left(merged, key)
            listed = at < len(merged) and merged[at] == key
            if key in self.rows and not listed:
                merged.insert(at, key)
            elif listed and key not in self.rows:
                del merged[at]
        return merged
