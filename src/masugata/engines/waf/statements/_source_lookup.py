"""One pass over all values of a part of the request, decoded, for the hints of all detectors."""

from collections.abc import Container, Mapping

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
Hits = list[tuple[Place, bytes, frozenset[int]]]


class SourceLookup:
    """Values are joined by line feeds: hints match in all together whatever they match in one of them."""

    __slots__ = ("_all", "_hints", "_memo", "_rules", "_scan", "_values", "index", "patterns")

    def __init__(self, index: int, source: Source) -> None:
        """No detectors yet."""
        self.index = index
        self.patterns = Patterns()
        self._hints: dict[Detector, frozenset[int]] = {}
        self._values = PLACES[source]
        self._scan: Scan = nothing_found
        self._rules: list[int] = []
        self._memo = (self, "hits")

    def add(self, detector: Detector, where: str) -> frozenset[int]:
        """The numbers of its hints."""
        found = self._hints.get(detector)
        if found is None:
            found = frozenset(self.patterns.add(hint_pattern(hint), where) for hint in detector.hints)
            self._hints[detector] = found
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
            texts: list[bytes] = []
            for _, value in values:
                texts += layers(value)
            numbers = self._scan(b"\n".join(texts))
            if numbers:
                found = numbers
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

    def _hits(self, context: Context) -> Hits:
        """Every layer of every value with its hints, without those that have none."""
        found = context.found.get(self._memo)
        if isinstance(found, list):
            return found
        hits: Hits = []
        values = self._values(context.parsed)
        for start in range(0, len(values), CHUNK):
            hits += self._chunk([(place, layers(value)) for place, value in values[start : start + CHUNK]])
        context.found[self._memo] = hits
        return hits

    def _chunk(self, layered: Layers) -> Hits:
        scan = self._scan
        if not scan(b"\n".join([layer for _, decoded in layered for layer in decoded])):
            return []
        return [
            (place, layer, frozenset(numbers))
            for place, decoded in layered
            for layer in decoded
            if (numbers := scan(layer))
        ]
