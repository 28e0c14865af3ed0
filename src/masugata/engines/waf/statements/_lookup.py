"""One pass over a field for all patterns that all rules look for in it."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Protocol

from masugata.engines.waf.context import Context
from masugata.engines.waf.errors import InvalidPatternError, RulesetError
from masugata.engines.waf.fields import Field, Values
from masugata.engines.waf.matching import Databases, Engine, NoPatterns, Pattern, Scan
from masugata.engines.waf.statements._quiet import FIELD, Quiet


class Lookup(Protocol):
    """Finds out which patterns fired; `index` is its own in `Context.fired`."""

    index: int

    def seal(self, engine: Engine, databases: Databases, rules: Mapping[int, int]) -> None:
        """Compile. `rules` has for each pattern a bit for each rule that it may make match."""

    def fired(self, context: Context) -> Container[int]:
        """The patterns, looked for once; the rules that they may make match become candidates."""


Trigger = tuple[Lookup, int]
"""A pattern of a lookup."""


class Everything:
    """All patterns: what matches without being looked at."""

    def __contains__(self, _: object) -> bool:
        """Also this one."""
        return True


EVERYTHING = Everything()
NOTHING: tuple[int, ...] = ()


class Patterns:
    """Patterns with their numbers, each once, and who asked for them."""

    def __init__(self) -> None:
        """None yet."""
        self._numbers: dict[Pattern, int] = {}
        self._where: list[str] = []
        self._compiled: Scan | None = None

    def add(self, pattern: Pattern, where: str) -> int:
        """The number of this pattern."""
        number = self._numbers.setdefault(pattern, len(self._numbers))
        if number == len(self._where):
            self._where.append(where)
        return number

    def compile(self, engine: Engine, databases: Databases) -> Scan:
        """All of them, once; raises RulesetError for the first that is refused."""
        if self._compiled is None:
            self._compiled = self._compile(engine, databases)
        return self._compiled

    def _compile(self, engine: Engine, databases: Databases) -> Scan:
        patterns = tuple(self._numbers)
        if not patterns:
            return NoPatterns()
        try:
            return engine.compile(patterns, databases)
        except InvalidPatternError as error:
            number = next(n for p, n in self._numbers.items() if p.expression == error.pattern)
            raise RulesetError(self._where[number], str(error)) from None

    def masks(self, rules: Mapping[int, int]) -> tuple[list[int], int]:
        """The rules of each pattern, and of all."""
        found = [rules.get(number, 0) for number in range(len(self._numbers))]
        together = 0
        for mask in found:
            together |= mask
        return found, together


class FieldLookup:
    """Looks at each value of a field for itself, for patterns may be bound to its ends."""

    __slots__ = (
        "_all", "_field", "_oversize", "_quiet", "_rules", "_scan", "index", "patterns", "place", "plain",
    )  # fmt: skip

    def __init__(self, index: int, field: Field, oversize: str | None) -> None:
        """`oversize` is what the log calls the field if there was too much of it.

        `plain` gives its values where nothing rewrites them, and they are all that it has to say.
        """
        self.index = index
        self.patterns = Patterns()
        self.place = field.place
        self.plain = None if field.rewritten else field.plain
        self._field = field
        self._oversize = oversize
        self._quiet = Quiet(FIELD) if field.told else None
        self._scan: Scan = NoPatterns()
        self._rules: list[int] = []
        self._all = 0

    def seal(self, engine: Engine, databases: Databases, rules: Mapping[int, int]) -> None:
        """Compile."""
        self._scan = self.patterns.compile(engine, databases)
        self._rules, self._all = self.patterns.masks(rules)

    def values(self, context: Context) -> Values:
        """What is looked at, or what the field says without; too much of it is noted."""
        found = self._field.values(context.parsed)
        if found.oversize and self._oversize is not None:
            context.oversize[self._oversize] = None
        return found

    def hits(self, value: bytes) -> list[int]:
        """The patterns in one value."""
        return self._scan(value)

    def fired(self, context: Context) -> Container[int]:
        """Everything, if the field says that it matches anyhow."""
        known = context.fired[self.index]
        if known is not None:
            return known
        found = self._look(context)
        context.fired[self.index] = found
        return found

    def _look(self, context: Context) -> Container[int]:
        sent = self._field.plain
        if self._quiet is None or sent is None:
            return self._scanned(context)
        values = self._quiet.unknown(sent(context.parsed))
        found = self._scanned(context) if values else NOTHING
        if found is NOTHING:
            self._quiet.add(values)
        return found

    def _scanned(self, context: Context) -> Container[int]:
        looked = self.values(context)
        if looked.fallback is not None:
            if looked.fallback:
                context.candidates |= self._all
                return EVERYTHING
            return NOTHING
        scan = self._scan
        found: set[int] | None = None
        for value in looked.values:
            hits = scan(value)
            if hits:
                found = found | set(hits) if found else set(hits)
        if found is None:
            return NOTHING
        rules = self._rules
        for number in found:
            context.candidates |= rules[number]
        return found


def any_fired(lookup: Lookup, numbers: Iterable[int]) -> Callable[[Context], bool]:
    """Whether one of these patterns fired."""
    wanted = tuple(numbers)
    if len(wanted) == 1:
        (only,) = wanted
        return lambda context: only in lookup.fired(context)

    def matches(context: Context) -> bool:
        fired = lookup.fired(context)
        return any(number in fired for number in wanted)

    return matches
