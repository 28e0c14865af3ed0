"""RE2: linear time wherever it runs, at tens of microseconds a scan."""

from collections.abc import Sequence
from typing import Any

import re2

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching._engine import SOMEWHERE, Databases, Scan, Spot
from masugata.engines.waf.matching._pattern import Pattern
from masugata.engines.waf.matching._re2_syntax import translate

MEMORY = 64 << 20
"""Bytes for the states of one set; what runs out of them is matched pattern by pattern."""
PROGRAM_MEMORY = 128 << 10
"""Bytes for what is measured. `^.{1,1000}=.{1,1000}$` fits, compiled in 5 ms; of what fits, `(?:a|b){0,300}`
again and again takes longest, 55 ms. Of what does not, 200 characters (`.{0,999}` again and again) take a
second, in which RE2 lets no other thread run."""


class Re2Engine:
    """One `re2.Set` of all patterns. Nothing is kept: compiling is fast."""

    name = "re2"

    def compile(self, patterns: Sequence[Pattern], databases: Databases) -> Scan:  # noqa: ARG002 - the protocol's
        """Compile them into one set."""
        options = _options()
        expressions = [translate(pattern) for pattern in patterns]
        singles = [_single(p, e, options) for p, e in zip(patterns, expressions, strict=True)]
        together = re2.Set.SearchSet(options)
        for expression in expressions:
            together.Add(expression)
        # RE2 says "no match" when it runs out of memory; this pattern, which always matches, tells.
        sentinel = together.Add(b"")
        together.Compile()

        return _Scan(together, sentinel, singles)


class _Scan:
    """It does not tell where a pattern matches."""

    def __init__(self, together: Any, sentinel: int, singles: Sequence[Any]) -> None:
        self._together = together
        self._sentinel = sentinel
        self._singles = singles

    def __call__(self, data: bytes) -> list[int]:
        found: list[int] = self._together.Match(data)
        if self._sentinel in found:
            found.remove(self._sentinel)
            return found
        return [index for index, single in enumerate(self._singles) if single.search(data)]

    def spots(self, data: bytes) -> list[Spot]:
        return [(index, SOMEWHERE) for index in self(data)]


def program_size(pattern: Pattern) -> int:
    """How many instructions RE2 makes of a pattern; raises InvalidPatternError, also for too many."""
    size: int = _single(pattern, translate(pattern), _options(PROGRAM_MEMORY)).programsize
    return size


def _options(memory: int = MEMORY) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.never_capture = True
    options.max_mem = memory
    return options


def _single(pattern: Pattern, expression: bytes, options: Any) -> Any:
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        problem = error.args[0]
        text = problem.decode(errors="replace") if isinstance(problem, bytes) else str(problem)
        raise InvalidPatternError(pattern.expression, text) from None
