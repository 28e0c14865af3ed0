"""One pass over the values of all parts of the request, decoded, for the hints of all detectors."""

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from itertools import chain

from masugata.engines.waf.context import Context
from masugata.engines.waf.decoding import DEEPEST, all_layers, is_buried, layers
from masugata.engines.waf.detectors import Account, Detector, Evidence
from masugata.engines.waf.managed import Source
from masugata.engines.waf.matching import (
    Databases,
    Engine,
    JoinedEngine,
    NoPatterns,
    Scan,
    hint_pattern,
    join,
)
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.statements._evidence import MOST_VALUES, Ask, asking, stronger, too_many, too_much
from masugata.engines.waf.statements._hits import Hits, Layers, Marks
from masugata.engines.waf.statements._lookup import NOTHING, Patterns
from masugata.engines.waf.statements._places import PARTS
from masugata.engines.waf.statements._quiet import QuietHeaders

CERTAIN = 100
MOST_DECODED = 320 << 10
"""Bytes of a part of a request, with all that its values are decoded to; one with more matches."""
_SURE = MOST_DECODED // (1 + 2 * DEEPEST)
"""Bytes that can be decoded to no more than that."""
TOO_MUCH = object()
_LONG = 2_048
"""What equal values are worth being looked for in."""


class SourceLookup:
    """The values of one part of the request; `look_together` looks at several parts at once.

    All parts have their hints in one database, since most are looked for in most parts: that is a fifth of
    the time to compile, and of the memory.
    """

    __slots__ = (
        "_asks",
        "_hints",
        "_own",
        "_part",
        "_quiet",
        "_rules",
        "index",
        "patterns",
        "scan",
        "values",
    )

    def __init__(self, index: int, source: Source, hints: Patterns) -> None:
        """No detectors yet; `hints` are those of all parts. `values` are those in which one may be."""
        self.index = index
        self.patterns = hints
        self.scan: Scan = NoPatterns()
        self.values: Callable[[ParsedRequest], Collection[bytes] | None] = PARTS[source].values
        self._part = PARTS[source]
        self._own: frozenset[int] = frozenset()
        self._hints: dict[Detector, dict[int, int]] = {}
        self._asks: dict[Detector, Ask] = {}
        self._rules: list[int] = []
        self._quiet: QuietHeaders | None = None
        if source is Source.HEADERS:
            self._quiet = QuietHeaders()
            self.values = self._quiet.unknown

    def add(self, detector: Detector, where: str) -> Iterable[int]:
        """The numbers of its hints."""
        found = self._hints.get(detector)
        if found is None:
            hints = [hint_pattern(hint, detector.family) for hint in detector.hints]
            numbers = [self.patterns.add(hint, where) for hint in hints]
            found = self._hints[detector] = {number: own for own, number in enumerate(numbers)}
            self._own |= found.keys()
            self._asks[detector] = asking(detector)
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

    def overdraw(self, context: Context) -> None:
        """There is more in it than is looked at: whatever is looked for may be there."""
        context.fired[self.index] = self._own
        context.found[self] = TOO_MUCH
        for number in self._own:
            context.candidates |= self._rules[number]

    def settle(self, context: Context, decoded: Layers, marks: Marks) -> None:
        """Find those of its values with hints, where the marks are; `decoded` are their layers."""
        if marks.numbers.isdisjoint(self._own):
            self.remember(context)
            return
        places = self._part.places(context.parsed)
        placed = [(place, layer) for place, each in zip(places, decoded, strict=False) for layer in each]
        maybe = marks.of(self._own, placed)
        if not maybe:
            self.remember(context)
            return
        hits = context.found[self] = Hits(maybe, self.scan, placed=marks.placed(self._own))
        if self._quiet is not None:
            self.remember(context, {each[0] for each in decoded if not hits.layers.isdisjoint(each)})
        context.fired[self.index] = hits.numbers
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
        if hits is TOO_MUCH:
            return too_much(detector.family)
        if not isinstance(hits, Hits) or hits.numbers.isdisjoint(self._hints[detector]):
            return None
        memo = (self, detector)
        if memo not in context.found:
            context.found[memo] = self._look(context.account, hits, detector)
        found = context.found[memo]
        return found if isinstance(found, Evidence) else None

    def _look(self, account: Account, hits: Hits, detector: Detector) -> Evidence | None:
        own = self._hints[detector]
        ask = self._asks[detector]
        best: Evidence | None = None
        asked = 0
        for place, layer, numbers in hits:
            hints = numbers & own.keys()
            if not hints:
                continue
            asked += 1
            if asked > MOST_VALUES:
                return too_many(detector.family)
            if account.left > 0:
                best = stronger(best, ask(layer, place, [own[n] for n in hints], account))
            if account.left <= 0:
                return too_much(detector.family)
            if best is not None and best.score >= CERTAIN:
                break
        return best


def look_together(context: Context, lookups: Sequence[SourceLookup]) -> None:
    """One scan of all values of these parts, joined, unless they were looked at before.

    Hints match in all together whatever they match in one of them; only what one may have matched in is
    looked at for itself.
    """
    values: list[bytes] = []
    parts = _gather(context, lookups, values)
    if not values:
        return
    text = join(values)
    decoded: Layers | None
    scanned: Sequence[bytes] = values
    if len(text) > _SURE:
        parts, decoded, scanned = _decode(context, parts, values)
    else:
        decoded = all_layers(values, text)
        if decoded is not None:
            scanned = list(dict.fromkeys(chain.from_iterable(decoded)))
        elif len(text) > _LONG:
            scanned = list(dict.fromkeys(values))
    if scanned is not values:
        text = join(scanned)
    spots = lookups[0].scan.spots(text)
    if spots:
        marks = Marks(spots, scanned)
        decoded = decoded or [(value,) for value in values]
        for lookup, start, end in parts:
            lookup.settle(context, decoded[start:end], marks)
    else:
        for lookup, _, _ in parts:
            lookup.remember(context)


_Part = tuple[SourceLookup, int, int]
"""A part of the request, and from where to where its values are among those of all parts."""


def _gather(context: Context, lookups: Sequence[SourceLookup], values: list[bytes]) -> list[_Part]:
    """Put the values of these parts, of those that were not looked at before, into `values`."""
    fired = context.fired
    parts: list[_Part] = []
    for lookup in lookups:
        if fired[lookup.index] is None:
            fired[lookup.index] = NOTHING
            found = lookup.values(context.parsed)
            if found:
                parts.append((lookup, len(values), len(values) + len(found)))
                values += found
            elif found is None:
                lookup.overdraw(context)
    return parts


def _decode(
    context: Context, parts: Sequence[_Part], values: Sequence[bytes]
) -> tuple[list[_Part], Layers, list[bytes]]:
    """The parts that do not come to more than is looked at, the layers of all values, and each layer once."""
    kept: list[_Part] = []
    decoded: Layers = []
    scanned: dict[bytes, None] = {}
    for lookup, start, end in parts:
        known: dict[bytes, tuple[bytes, ...]] = {}
        left = MOST_DECODED
        for value in values[start:end]:
            found = known.get(value)
            if found is None:
                found = known[value] = layers(value, left)
                left = -1 if is_buried(found) else left - sum(map(len, found))
            decoded.append(found)
            if left < 0:
                lookup.overdraw(context)
                decoded += [()] * (end - len(decoded))
                break
        else:
            kept.append((lookup, start, end))
            for found in known.values():
                scanned |= dict.fromkeys(found)
    return kept, decoded, list(scanned)
