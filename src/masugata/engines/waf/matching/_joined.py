r"""Hints over many values at once, with a byte between them that is in no UTF-8 text.

`^` and `$` are that byte, so that they cost what any byte does, and that no space or end of a line in a hint
reaches from one value into the next. What is in a value of its own is looked for in the same way.

Most texts have letters, digits and few signs. They are scanned for those hints only that can match such a
text: that is a small database, which stays in the cache; each further one has hints that need rarer bytes.
"""

import re
from collections.abc import Iterable, Sequence

import msgspec

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching._engine import Databases, Engine, Scan, Spot
from masugata.engines.waf.matching._pattern import Pattern
from masugata.engines.waf.matching._possible import can_match

_BETWEEN = b"\xff"
_EDGE = rb"[\n\xff]"
_ANCHOR = re.compile(rb"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[\^$]", re.DOTALL)
_COUNTED = re.compile(rb"(\\.|[\])\w])(?<!\[\^\\r\\n\])\{(\d),([4-9]|\d\d+)\}", re.DOTALL)
"""What is counted up to four or more; but not what almost any byte is, and of which many follow."""

_HIGH = bytes(range(0x80, 0x100))
_WORDS = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-./:=?,+ ~@%" + _HIGH
_PARTS = _WORDS + b"&;(*)!#[]"
_NO_CALLS = bytes(range(0x100)).replace(b"(", b"")
TEXTS = (_PARTS, _NO_CALLS, _WORDS, b"")
"""Bytes of texts in which hints are not looked for that need others; each hint is at the first of them.

What has rarer bytes than words and parts; calls; what parts have beside words; all others.
"""


def join(values: Iterable[bytes]) -> bytes:
    """The values as one text, in which `JoinedEngine`'s scans look."""
    return _BETWEEN + _BETWEEN.join(values) + _BETWEEN


class JoinedEngine:
    """Compiles hints for joined values."""

    def __init__(self, engine: Engine) -> None:
        """`engine` does the work."""
        self._engine = engine
        self.name = engine.name

    def compile(self, patterns: Sequence[Pattern], databases: Databases) -> Scan:
        """Compile them all; raises InvalidPatternError for one that cannot be."""
        left = {number: _bounded(pattern) for number, pattern in enumerate(patterns)}
        levels: list[_Level] = []
        for text in TEXTS:
            numbers = [number for number, p in left.items() if not (text and can_match(p.expression, text))]
            own = [left.pop(number) for number in numbers]
            try:
                scan = self._engine.compile(own, databases)
            except InvalidPatternError as error:
                number = next(n for n, p in zip(numbers, own, strict=True) if p.expression == error.pattern)
                raise InvalidPatternError(patterns[number].expression, error.problem) from None
            levels.append(_Level(text, numbers, scan))
        return _Scan(levels[::-1])


def _bounded(pattern: Pattern) -> Pattern:
    """Lines and values begin and end with a byte, and nothing is counted far: each count costs a state."""
    spelled = _ANCHOR.sub(lambda found: _EDGE if found[0] in b"^$" else found[0], pattern.expression)
    return msgspec.structs.replace(pattern, expression=_COUNTED.sub(rb"\1{\2,}", spelled))


class _Level(msgspec.Struct, frozen=True):
    """What matches no text of these bytes alone; `numbers` are what the patterns were."""

    without: bytes
    numbers: Sequence[int]
    scan: Scan


class _Scan:
    """Each database that a text has the bytes for is asked."""

    def __init__(self, levels: Sequence[_Level]) -> None:
        """The first is always asked, and the others need bytes that are in no words."""
        self._levels = levels
        self._always = levels[:1]

    def __call__(self, data: bytes) -> list[int]:
        return list({number for number, _ in self.spots(data)})

    def spots(self, data: bytes) -> list[Spot]:
        found: list[Spot] = []
        rest = data.translate(None, _WORDS)
        for level in self._levels if rest else self._always:
            without = level.without
            if without and not rest.translate(None, without):
                continue
            spots = level.scan.spots(data)
            if spots:
                numbers = level.numbers
                found += [(numbers[index], end) for index, end in spots]
        return found
