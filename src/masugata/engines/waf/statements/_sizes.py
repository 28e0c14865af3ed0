"""One look at all sizes that statements bound, for each request is asked about them."""

from collections.abc import Callable, Container, Mapping
from typing import NamedTuple

from masugata.engines.waf.context import Context
from masugata.engines.waf.matching import Databases, Engine
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.statements._lookup import NOTHING


class Bound(NamedTuple):
    """A value of these whose size compares with `size` fires."""

    values: Callable[[ParsedRequest], tuple[bytes, ...]]
    compare: Callable[[int, int], bool]
    size: int


class SizeLookup:
    """Finds out which bounds fired; four rules of their own took a seventh of an evaluation."""

    __slots__ = ("_bounds", "_rules", "index")

    def __init__(self, index: int) -> None:
        """No bounds yet."""
        self.index = index
        self._bounds: list[Bound] = []
        self._rules: list[int] = []

    def add(self, bound: Bound) -> int:
        """Its number."""
        self._bounds.append(bound)
        return len(self._bounds) - 1

    def seal(self, engine: Engine, databases: Databases, rules: Mapping[int, int]) -> None:
        """There is nothing to compile."""
        del engine, databases
        self._rules = [rules.get(number, 0) for number in range(len(self._bounds))]

    def fired(self, context: Context) -> Container[int]:
        """The bounds, compared once; the rules that they may make match become candidates."""
        known = context.fired[self.index]
        if known is not None:
            return known
        found: list[int] | None = None
        parsed = context.parsed
        for number, (values, compare, size) in enumerate(self._bounds):
            for value in values(parsed):
                if compare(len(value), size):
                    found = [*found, number] if found else [number]
                    context.candidates |= self._rules[number]
                    break
        fired = context.fired[self.index] = found or NOTHING
        return fired
