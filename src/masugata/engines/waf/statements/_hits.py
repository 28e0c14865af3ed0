"""Which values of a part of a request have hints in them, once it is known where some may be."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.matching import SOMEWHERE, Scan, Spot, join

CHUNK = 32
"""Values that are scanned together to find out whether to scan them one by one."""

SHORT = 512
"""Longer layers are not scanned again for themselves: for a detector to be asked in vain costs less."""

Layers = list[tuple[bytes, ...]]
"""What is decoded from each value, the value first."""
Hit = tuple[Place, bytes, frozenset[int]]
"""A layer of a value, and the hints in it."""


class Marks:
    """Where hints may have matched in layers that were joined.

    A hint matches there whatever it matches in one of them, and more: a match may begin in the one before.
    """

    __slots__ = ("_anywhere", "_at", "numbers")

    def __init__(self, spots: Sequence[Spot], scanned: Sequence[bytes]) -> None:
        """What a scan found in them; `numbers` are all the hints that matched."""
        self.numbers = frozenset([number for number, _ in spots])
        self._anywhere = frozenset([number for number, end in spots if end == SOMEWHERE])
        self._at: dict[bytes, set[int]] = {}
        starts = list(accumulate([len(layer) + 1 for layer in scanned]))
        for number, end in spots:
            if end != SOMEWHERE:  # the byte behind a layer is its own, as the end of it
                self._at.setdefault(scanned[bisect_left(starts, end - 1)], set()).add(number)

    def placed(self, hints: frozenset[int]) -> bool:
        """Whether it is known of all these hints where they may have matched."""
        return self._anywhere.isdisjoint(hints)

    def of(self, hints: frozenset[int], layers: Iterable[tuple[Place, bytes]]) -> list[Hit]:
        """Those of these layers, each once, in which some of the hints may match."""
        anywhere = self._anywhere & hints
        at = self._at
        if anywhere:
            return [
                (place, layer, anywhere.union(hints.intersection(at.get(layer, ()))))
                for place, layer in dict.fromkeys(layers)
            ]
        return [
            (place, layer, found)
            for place, layer in dict.fromkeys([key for key in layers if key[1] in at])
            if (found := hints.intersection(at[layer]))
        ]


class Hits:
    """Every layer of a value that has hints, with them; looked for as far as somebody asks, and once."""

    __slots__ = ("_found", "_maybe", "_next", "_scan", "layers", "numbers")

    def __init__(self, maybe: Sequence[Hit], scan: Scan, *, placed: bool) -> None:
        """No other layers have hints, and these no others; `layers` and `numbers` are all that may.

        Few are believed, if it is known where their hints are `placed`: 99 of 100 are right, and to scan all
        again costs more than to ask a detector in vain.
        """
        self.numbers = frozenset[int]().union(*[numbers for _, _, numbers in maybe])
        self.layers = {layer for _, layer, _ in maybe}
        self._maybe = maybe
        self._scan = scan
        believed = placed and len(maybe) <= CHUNK
        self._next = len(maybe) if believed else 0
        self._found: list[Hit] = list(maybe) if believed else []

    def __iter__(self) -> Iterator[Hit]:
        at = 0
        while True:
            while at < len(self._found):
                yield self._found[at]
                at += 1
            if self._next >= len(self._maybe):
                return
            self._look()

    def _look(self) -> None:
        """At the next chunk: together, and one by one if there is something."""
        chunk = self._maybe[self._next : self._next + CHUNK]
        self._next += CHUNK
        scan = self._scan
        short = [layer for _, layer, _ in chunk if len(layer) <= SHORT]
        if len(short) == len(chunk) and not scan(join(short)):
            return
        for place, layer, maybe in chunk:
            numbers = maybe if len(layer) > SHORT else maybe.intersection(scan(join((layer,))))
            if numbers:
                self._found.append((place, layer, numbers))
