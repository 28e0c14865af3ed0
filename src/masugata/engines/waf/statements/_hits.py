"""Which values of a part of a request have hints in them, once it is known where some may be."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.matching import SOMEWHERE, Scan, Spot, join

CHUNK = 32
"""Values that are scanned together to find out whether to scan them one by one."""

Layers = list[tuple[bytes, ...]]
"""What is decoded from each value, the value first."""
Layer = tuple[Place, bytes]
Hit = tuple[Place, bytes, frozenset[int]]
"""A layer of a value, and the hints in it."""


class Marks:
    """Where hints may have matched in the layers of all values, joined.

    A hint matches there whatever it matches in one of them, and more: a match may begin in the one before.
    """

    __slots__ = ("_anywhere", "_at", "numbers")

    def __init__(self, spots: Sequence[Spot], decoded: Layers) -> None:
        """What a scan found in them; `numbers` are all the hints that matched."""
        self.numbers = frozenset([number for number, _ in spots])
        self._anywhere: set[int] = set()
        self._at: dict[int, set[int]] = {}
        starts = list(accumulate([len(layer) + 1 for each in decoded for layer in each]))
        for number, end in spots:
            if end == SOMEWHERE:
                self._anywhere.add(number)
            else:  # the byte behind a layer is its own, as the end of it
                self._at.setdefault(bisect_left(starts, end - 1), set()).add(number)

    def of(self, hints: frozenset[int], first: int, count: int) -> Sequence[int]:
        """Those of `count` layers, the first of which is number `first` of all, where these may match."""
        if not hints.isdisjoint(self._anywhere):
            return range(count)
        found = [
            at - first
            for at, numbers in self._at.items()
            if 0 <= at - first < count and not hints.isdisjoint(numbers)
        ]
        found.sort()
        return found


class Hits:
    """Every layer of a value that has hints, with them; looked for as far as somebody asks, and once."""

    __slots__ = ("_found", "_layers", "_next", "_scan", "few", "numbers")

    def __init__(self, layers: Sequence[Layer], scan: Scan, hints: frozenset[int]) -> None:
        """No other hints than these are in the layers; `few`: all may be scanned at once.

        `numbers` are the hints that may be there, and those that are there once all was looked at.
        """
        self.few = len(layers) <= CHUNK
        self.numbers = hints
        self._layers = layers
        self._scan = scan
        self._next = 0
        self._found: list[Hit] = []

    def look(self) -> None:
        """At few layers."""
        self._look()
        self.numbers = frozenset[int]().union(*[numbers for _, _, numbers in self._found])

    def layers(self) -> set[bytes]:
        """Those that were found so far."""
        return {layer for _, layer, _ in self._found}

    def __iter__(self) -> Iterator[Hit]:
        at = 0
        while True:
            while at < len(self._found):
                yield self._found[at]
                at += 1
            if self._next >= len(self._layers):
                return
            self._look()

    def _look(self) -> None:
        """At the next chunk: together, and one by one if there is something."""
        chunk = self._layers[self._next : self._next + CHUNK]
        self._next += CHUNK
        scan, hints = self._scan, self.numbers
        # No more than a chunk was scanned together already.
        if self.few or scan(join([layer for _, layer in chunk])):
            for place, layer in chunk:
                numbers = hints.intersection(scan(join((layer,))))
                if numbers:
                    self._found.append((place, layer, numbers))
