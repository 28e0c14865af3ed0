"""One pass over all values of a part of the request, decoded, for the hints of all detectors."""

from collections.abc import Container, Iterator, Mapping

from masugata.engines.waf.context import Context
from masugata.engines.waf.decoding import layers
from masugata.engines.waf.detectors import Detector, Evidence, Place
from masugata.engines.waf.managed import Source
from masugata.engines.waf.matching import Databases, Engine, Scan, hint_pattern
from masugata.engines.waf.statements._evidence import MOST_VALUES, stronger, too_many
from masugata.engines.waf.statements._lookup import NOTHING, Patterns, nothing_found
from masugata.engines.waf.statements._places import PLACES

CHUNK = 32
"""Values that are scanned together to find out whether to scan them one by one."""
CERTAIN = 100

Layers = list[tuple[Place, tuple[bytes, ...]]]
Hit = tuple[Place, bytes, frozenset[int]]


class SourceLookup:
    """Values are joined by line feeds: hints match in all together whatever they match in one of them.

    All parts have their hints in one database, since most are looked for in most parts: that is a fifth of
    the time to compile, and of the memory.
    """

    __slots__ = ("_hints", "_own", "_rules", "_scan", "_values", "index", "patterns")

    def __init__(self, index: int, source: Source, hints: Patterns) -> None:
        """No detectors yet; `hints` are those of all parts."""
        self.index = index
        self.patterns = hints
        self._own: frozenset[int] = frozenset()
        self._hints: dict[Detector, frozenset[int]] = {}
        self._values = PLACES[source]
        self._scan: Scan = nothing_found
        self._rules: list[int] = []

    def add(self, detector: Detector, where: str) -> frozenset[int]:
        """The numbers of its hints."""
        found = self._hints.get(detector)
        if found is None:
            found = frozenset(self.patterns.add(hint_pattern(hint), where) for hint in detector.hints)
            self._hints[detector] = found
            self._own |= found
        return found

    def seal(self, engine: Engine, databases: Databases, rules: Mapping[int, int]) -> None:
        """Compile."""
        self._scan = self.patterns.compile(engine, databases)
        self._rules, _ = self.patterns.masks(rules)

    def fired(self, context: Context) -> Container[int]:
        """The hints in all values together."""
        known = context.fired[self.index]
        if known is not None:
            return known
        found: Container[int] = NOTHING
        values = self._values(context.parsed)
        if values:
            decoded = [layers(value) for _, value in values]
            numbers = self._scan(b"\n".join([layer for each in decoded for layer in each]))
            if numbers and (numbers := [number for number in numbers if number in self._own]):
                found = numbers
                layered = [(place, each) for (place, _), each in zip(values, decoded, strict=True)]
                context.found[self] = _Hits(layered, self._scan)
                for number in numbers:
                    context.candidates |= self._rules[number]
        context.fired[self.index] = found
        return found

    def evidence(self, context: Context, detector: Detector) -> Evidence | None:
        """The strongest that it finds in values with one of its hints in them; looked for once."""
        if self.fired(context) is NOTHING:
            return None
        memo = (self, detector)
        if memo not in context.found:
            context.found[memo] = self._look(context, detector)
        found = context.found[memo]
        return found if isinstance(found, Evidence) else None

    def _look(self, context: Context, detector: Detector) -> Evidence | None:
        hints = self._hints[detector]
        best: Evidence | None = None
        asked = 0
        for place, layer, numbers in self._hits(context):
            if hints.isdisjoint(numbers):
                continue
            asked += 1
            if asked > MOST_VALUES:
                return too_many(detector.family)
            best = stronger(best, detector.detect(layer, place))
            if best is not None and best.score >= CERTAIN:
                break
        return best

    def _hits(self, context: Context) -> "_Hits":
        found = context.found.get(self)
        return found if isinstance(found, _Hits) else _Hits([], self._scan)


class _Hits:
    """Every layer of every value that has hints, with them; looked for as far as somebody asks, and once."""

    def __init__(self, layered: Layers, scan: Scan) -> None:
        self._layered = layered
        self._scan = scan
        self._next = 0
        self._found: list[Hit] = []

    def __iter__(self) -> Iterator[Hit]:
        at = 0
        while True:
            while at < len(self._found):
                yield self._found[at]
                at += 1
            if self._next >= len(self._layered):
                return
            self._look()

    def _look(self) -> None:
        """At the next chunk: together, and one by one if there is something."""
        chunk = self._layered[self._next : self._next + CHUNK]
        self._next += CHUNK
        scan = self._scan
        # No more than a chunk was scanned together already.
        whole = len(self._layered) <= CHUNK
        if whole or scan(b"\n".join([layer for _, decoded in chunk for layer in decoded])):
            self._found += [
                (place, layer, frozenset(numbers))
                for place, decoded in chunk
                for layer in decoded
                if (numbers := scan(layer))
            ]
