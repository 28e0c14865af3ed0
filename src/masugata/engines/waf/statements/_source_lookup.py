"""One pass over the values of all parts of the request, decoded, for the hints of all detectors."""

from collections.abc import Callable, Collection, Container, Mapping, Sequence

from masugata.engines.waf.context import Context
from masugata.engines.waf.decoding import all_plain, layers
from masugata.engines.waf.detectors import Detector, Evidence
from masugata.engines.waf.managed import Source
from masugata.engines.waf.matching import (
    Databases,
    Engine,
    JoinedEngine,
    NoPatterns,
    Scan,
    Spot,
    hint_pattern,
    join,
)
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.statements._evidence import MOST_VALUES, stronger, too_many
from masugata.engines.waf.statements._hits import Hits, Layers, Marks
from masugata.engines.waf.statements._lookup import NOTHING, Patterns
from masugata.engines.waf.statements._places import PARTS
from masugata.engines.waf.statements._quiet import QuietHeaders

CERTAIN = 100


class SourceLookup:
    """The values of one part of the request; `look_together` looks at several parts at once.

    All parts have their hints in one database, since most are looked for in most parts: that is a fifth of
    the time to compile, and of the memory.
    """

    __slots__ = ("_hints", "_own", "_part", "_quiet", "_rules", "index", "patterns", "scan", "values")

    def __init__(self, index: int, source: Source, hints: Patterns) -> None:
        """No detectors yet; `hints` are those of all parts. `values` are those in which one may be."""
        self.index = index
        self.patterns = hints
        self.scan: Scan = NoPatterns()
        self.values: Callable[[ParsedRequest], Collection[bytes]] = PARTS[source].values
        self._part = PARTS[source]
        self._own: frozenset[int] = frozenset()
        self._hints: dict[Detector, frozenset[int]] = {}
        self._rules: list[int] = []
        self._quiet: QuietHeaders | None = None
        if source is Source.HEADERS:
            self._quiet = QuietHeaders()
            self.values = self._quiet.unknown

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
        self.scan = self.patterns.compile(JoinedEngine(engine), databases)
        self._rules, _ = self.patterns.masks(rules)

    def fired(self, context: Context) -> Container[int]:
        """The hints in its values."""
        known = context.fired[self.index]
        if known is None:
            look_together(context, (self,))
            known = context.fired[self.index]
        return NOTHING if known is None else known

    def settle(self, context: Context, decoded: Layers, marks: Marks, first: int, count: int) -> None:
        """Find those of its values with hints: of its `count` layers, where the marks are."""
        found = marks.of(self._own, first, count)
        if not found:
            self.remember(context)
            return
        places = self._part.places(context.parsed)
        placed = [(place, layer) for place, each in zip(places, decoded, strict=False) for layer in each]
        hits = Hits([placed[number] for number in found], self.scan, marks.numbers & self._own)
        if hits.few:
            hits.look()
            loud = hits.layers()
            self.remember(context, {each[0] for each in decoded if not loud.isdisjoint(each)})
        if hits.numbers:
            context.fired[self.index] = hits.numbers
            context.found[self] = hits
            for number in hits.numbers:
                context.candidates |= self._rules[number]

    def remember(self, context: Context, loud: Container[bytes] = frozenset()) -> None:
        """Only the loud ones among its values have hints in them."""
        if self._quiet is not None:
            self._quiet.remember(context.parsed, loud)

    def evidence(self, context: Context, detector: Detector) -> Evidence | None:
        """The strongest that it finds in values with one of its hints in them; looked for once."""
        self.fired(context)
        hits = context.found.get(self)
        if not isinstance(hits, Hits) or self._hints[detector].isdisjoint(hits.numbers):
            return None
        memo = (self, detector)
        if memo not in context.found:
            context.found[memo] = self._look(hits, detector)
        found = context.found[memo]
        return found if isinstance(found, Evidence) else None

    def _look(self, hits: Hits, detector: Detector) -> Evidence | None:
        hints = self._hints[detector]
        best: Evidence | None = None
        asked = 0
        for place, layer, numbers in hits:
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
    """One scan of all values of these parts, joined, unless they were looked at before.

    Hints match in all together whatever they match in one of them; only what one may have matched in is
    looked at for itself.
    """
    fired = context.fired
    values: list[bytes] = []
    parts: list[tuple[SourceLookup, int]] = []
    for lookup in lookups:
        if fired[lookup.index] is None:
            fired[lookup.index] = NOTHING
            if found := lookup.values(context.parsed):
                values += found
                parts.append((lookup, len(values)))
    if not values:
        return
    text = join(values)
    decoded: Layers | None = None
    if not all_plain(values, text):
        decoded = [layers(value) for value in values]
        text = join([layer for each in decoded for layer in each])
    spots = lookups[0].scan.spots(text)
    if spots:
        _settle(context, parts, decoded or [(value,) for value in values], spots)
    else:
        for lookup, _ in parts:
            lookup.remember(context)


def _settle(
    context: Context, parts: Sequence[tuple[SourceLookup, int]], decoded: Layers, spots: Sequence[Spot]
) -> None:
    """Each part, up to the end of its values, is told where hints may have matched."""
    marks = Marks(spots, decoded)
    start = first = 0
    for lookup, end in parts:
        own = decoded[start:end]
        count = sum(map(len, own))
        lookup.settle(context, own, marks, first, count)
        start, first = end, first + count
