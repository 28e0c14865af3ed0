"""An immutable map over a plain dict: what was loaded at once below, what changed since above."""

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

from immutables import Map

K = TypeVar("K")
V = TypeVar("V")

_GONE: Final[Any] = object()


class LayeredMap(Generic[K, V]):
    """A mapping whose `set` and `delete` give a new one in O(log n).

    A persistent map alone would do. Filling one with the hundreds of thousands of entries that a
    start loads takes five times as long as filling a dict, and looking them up twice as long.
    """

    __slots__ = ("_base", "_changes", "_length")

    def __init__(
        self, base: dict[K, V] | None = None, changes: Map[K, V] | None = None, length: int | None = None
    ) -> None:
        # INVARIANT: nobody changes the base any more, for every later version of the map shares it.
        self._base: dict[K, V] = {} if base is None else base
        self._changes: Map[K, V] | None = changes
        self._length = len(self._base) if length is None else length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[K]:
        changes = self._changes
        if changes is None:
            yield from self._base
            return
        for key in self._base:
            if key not in changes:
                yield key
        for key, value in changes.items():
            if value is not _GONE:
                yield key

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    def __getitem__(self, key: K) -> V:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def get(self, key: K) -> V | None:
        """The value of `key`, or None."""
        if self._changes is not None:
            value = self._changes.get(key)
            if value is not None:
                return None if value is _GONE else value
        return self._base.get(key)

    def set(self, key: K, value: V) -> "LayeredMap[K, V]":
        """The map with `value`, which must not be None, under `key`."""
        changes: Map[K, V] = Map() if self._changes is None else self._changes
        added = 0 if key in self else 1
        return LayeredMap(self._base, changes.set(key, value), self._length + added)

    def delete(self, key: K) -> "LayeredMap[K, V]":
        """The map without `key`; raises KeyError if it is not there."""
        if key not in self:
            raise KeyError(key)
        changes: Map[K, V] = Map() if self._changes is None else self._changes
        changes = changes.set(key, _GONE) if key in self._base else changes.delete(key)
        return LayeredMap(self._base, changes, self._length - 1)
