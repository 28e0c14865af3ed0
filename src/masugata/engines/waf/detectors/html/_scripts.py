"""Scripts without markup: what is put into a script, a template or an address that is there already."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from masugata.engines.waf.detectors.html._finding import POSSIBLE, Finding
from masugata.engines.waf.detectors.html._shapes import BREAKOUT, SHAPES
from masugata.engines.waf.detectors.html._steps import Steps

# As far as any shape looks back.
_REACH = 64
# More than what any shape takes in, with what is before it.
_LONGEST = 1024
# What a shape takes that goes on from its word.
_BEGUN = 25
_AROUND = 20
# Ends for certain: what is looked at ends with the last end of a comment.
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
# Behind a comment nothing is joined that a product parts; in `image/*, */*` there is nothing else.
_JOINING = re.compile(rb"\*/(?!\*)")
# The call ends, and behind it the string goes on or a comment hides what is left.
_BREAKOUT = re.compile(BREAKOUT.encode() + rb"[^;'\"\n]{0,120}[)`][^\w]{0,12}?(?://|['\"`]|<!--)", re.DOTALL)
# To find out in one go which words there are. A word of a shape has nothing but signs and digits beside it,
# unless it is one of signs, or the end of a word.
_LETTERS = bytes(byte if byte in b"abcdefghijklmnopqrstuvwxyz" else 0x20 for byte in range(256))
_ENDS_A_WORD = b"script:"
# Behind a word, where something may go on far enough to cost more.
_GOES_ON = re.compile(rb"\s{0,6}[^\w\s.:>-]")


class _Part(NamedTuple):
    before: re.Pattern[bytes]
    behind: re.Pattern[bytes]
    score: int
    reason: str


class _Word(NamedTuple):
    """A word, its letters if it must stand alone, its parts in one, what they cost, and each part."""

    text: bytes
    letters: frozenset[bytes]
    any: re.Pattern[bytes]
    far: int
    parts: tuple[_Part, ...]


def _words() -> tuple[_Word, ...]:
    found: dict[bytes, list[_Part]] = {}
    for score, reason, shapes in SHAPES:
        for shape in shapes:
            before = re.compile(f"(?:{shape.before})$".encode(), re.DOTALL)
            behind = re.compile(shape.behind.encode("latin-1"), re.DOTALL)
            for word in shape.words:
                found.setdefault(word.encode("latin-1"), []).append(_Part(before, behind, score, reason))
    return tuple(_word(text, tuple(parts)) for text, parts in found.items())


def _word(text: bytes, parts: tuple[_Part, ...]) -> _Word:
    letters = frozenset() if text == _ENDS_A_WORD else frozenset(text.translate(_LETTERS).split())
    behind = b"|".join(part.behind.pattern for part in parts)
    reach = sum(int(most) for most in re.findall(rb"\{0,([0-9]+)\}", behind))
    return _Word(text, letters, re.compile(behind, re.DOTALL), reach // 60, parts)


_WORDS = _words()


def scripts(value: bytes, steps: Steps) -> Iterator[Finding]:
    """The shapes in a value, with its comments and without them.

    Raises:
        TooLongError: the value has more words of scripts than are looked at.
    """
    yield from _shapes(value, steps)
    start = value.find(b"/*")
    if start >= 0 and _JOINING.search(value, start + len(b"/*")):
        yield from _shapes(_without_comments(value, start), steps)


def _without_comments(value: bytes, start: int) -> bytes:
    """The part with comments and what is near; letters stand for what is cut off: nothing ends there."""
    end = value.rfind(b"*/") + len(b"*/")
    first, last = max(0, start - _LONGEST), end + _LONGEST
    before, behind = b"x" if first else b"", b"x" if last < len(value) else b""
    return before + _COMMENT.sub(b"", value[first:end]) + value[end:last] + behind


def _shapes(value: bytes, steps: Steps) -> Iterator[Finding]:
    lowered = value.lower()
    there = set(lowered.translate(_LETTERS).split())
    for word in _WORDS:
        if word.letters <= there:
            yield from _from_word(value, lowered, word, steps)


def _from_word(value: bytes, lowered: bytes, word: _Word, steps: Steps) -> Iterator[Finding]:
    position = lowered.find(word.text)
    while position >= 0:
        end = position + len(word.text)
        steps.take(1 + word.far if word.far and _GOES_ON.match(lowered, end) else 1)
        if word.any.match(lowered, position):
            for before, behind, score, reason in word.parts:
                if (found := behind.match(lowered, position)) is None:
                    continue
                steps.take(_BEGUN)
                if before.search(lowered, max(0, position - _REACH), position):
                    yield Finding(score, reason, value[max(0, position - _AROUND) : found.end() + _AROUND])
        position = lowered.find(word.text, end)


def breakout(value: bytes) -> Finding | None:
    """Whether the value leaves the string of a script that it may stand in, and calls something.

    Only the first quote of a kind ends such a string.
    """
    for quote in (b"'", b'"'):
        position = value.find(quote)
        if position >= 0 and (found := _BREAKOUT.match(value, position)):
            return Finding(POSSIBLE, "a call outside the string of a script", found[0])
    return None
