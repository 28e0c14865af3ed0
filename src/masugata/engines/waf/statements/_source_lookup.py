"""One pass over the values of all parts of the request, decoded, for the hints of all detectors."""

from collections.abc import Container, Mapping, Sequence

from masugata.engines.waf.context import Context
from masugata.engines.waf.decoding import all_plain, layers
from masugata.engines.waf.detectors import Detector, Evidence
from masugata.engines.waf.managed import Source
from masugata.engines.waf.matching import Databases, Engine, NoPatterns, Scan, hint_pattern
from masugata.engines.waf.statements._evidence import MOST_VALUES, stronger, too_many
from masugata.engines.waf.statements._hits import Hits, Layers, Marks
from masugata.engines.waf.statements._lookup import NOTHING, Patterns
from masugata.engines.waf.statements._places import PARTS

CERTAIN = 100


class SourceLookup:
    """The values of one part of the request; `look_together` looks at several parts at once.

    All parts have their hints in one database, since most are looked for in most parts: that is a fifth of
    the time to compile, and of the memory.
    """

    __slots__ = ("_hints", "_own", "_part", "_rules", "index", "patterns", "scan", "values")

    def __init__(self, index: int, source: Source, hints: Patterns) -> None:
        """No detectors yet; `hints` are those of all parts."""
        self.index = index
        self.patterns = hints
        self._own: frozenset[int] = frozenset()
        self._hints: dict[Detector, frozenset[int]] = {}
        self._part = PARTS[source]
        self.values = self._part.values
        self.scan: Scan = NoPatterns()
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
        self.scan = self.patterns.compile(engine, databases)
        self._rules, _ = self.patterns.masks(rules)

    def fired(self, context: Context) -> Container[int]:
        """The hints in its values."""
        known = context.fired[self.index]
        if known is None:
            look_together(context, (self,))
            known = context.fired[self.index]
        return NOTHING if known is None else known

    def settle(self, context: Context, decoded: Layers, marks: Marks, start: int) -> None:
        """Of its values, whose first layer is layer `start` of all, find those with hints."""
        numbers = marks.numbers & self._own
        if not numbers:
            return
        places = self._part.places(context.parsed)
        placed = [(place, layer) for place, each in zip(places, decoded, strict=False) for layer in each]
        hits = Hits(marks.among(placed, start, self._own), self.scan, self._own)
        if hits.few:
            numbers = frozenset[int]().union(*[each for _, _, each in hits])
        if numbers:
            context.fired[self.index] = numbers
            context.found[self] = hits
            for number in numbers:
                context.candidates |= self._rules[number]

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
        hits = context.found.get(self)
        for place, layer, numbers in hits if isinstance(hits, Hits) else ():
            if hints.isdisjoint(numbers):
                continue
            asked += 1
            if asked > MOST_VALUES:
                return too_many(detector.family)
            best = stronger(best, detector.detect(layer, place))
            if best is not None and best.score >= CERTAIN:
                break
        return best


def look_together(context: Context, lookups: Sequence[SourceLookup]) -> None:
    """One scan of all values of these parts, joined by line feeds, unless they were looked at before.

    Hints match in all together whatever they match in one of them; only what one may have matched in is
    looked at for itself.
    """
    fired = context.fired
    values: list[bytes] = []
    parts: list[tuple[SourceLookup, int]] = []
    for lookup in lookups:
        if fired[lookup.index] is None:
            fired[lookup.index] = NOTHING
            values += lookup.values(context.parsed)
            parts.append((lookup, len(values)))
    if not values:
        return
    text = b"\n".join(values)
    decoded: Layers | None = None
    if not all_plain(values, text):
        decoded = [layers(value) for value in values]
        text = b"\n".join([layer for each in decoded for layer in each])
    spots = lookups[0].scan.spots(text)
    if spots:
        decoded = decoded or [(value,) for value in values]
        marks = Marks(spots, decoded)
        start = layer = 0
        for lookup, end in parts:
            lookup.settle(context, decoded[start:end], marks, layer)
            layer += sum(map(len, decoded[start:end]))
            start = end
