"""Scripts without markup: what is put into a script, a template or an address that is there already."""

import re
from collections.abc import Iterator

from masugata.engines.waf.detectors.html._finding import LIKELY, POSSIBLE, Finding
from masugata.engines.waf.detectors.html._shapes import BREAKOUT, SHAPES

# As far as any shape looks back.
_REACH = 64
# How many words are looked at in one value; those that a shape goes on from weigh more, as they cost more.
_MOST_WORDS = 3000
_BEGUN = 25
_AROUND = 20
# Ends for certain: what is looked at ends with the last end of a comment.
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
# Behind a comment nothing is joined that a product parts; in `image/*, */*` there is nothing else.
_JOINING = re.compile(rb"\*/(?!\*)")
# The call ends, and behind it the string goes on or a comment hides what is left.
_BREAKOUT = re.compile(BREAKOUT.encode() + rb"[^;'\"\n]{0,120}[)`][^\w]{0,12}?(?://|['\"`]|<!--)", re.DOTALL)

_Part = tuple[re.Pattern[bytes], re.Pattern[bytes], int, str]


def _by_word() -> dict[bytes, list[_Part]]:
    parts: dict[bytes, list[_Part]] = {}
    for score, reason, shapes in SHAPES:
        for shape in shapes:
            before = re.compile(f"(?:{shape.before})$".encode(), re.DOTALL)
            behind = re.compile(shape.behind.encode("latin-1"), re.DOTALL)
            for word in shape.words:
                parts.setdefault(word.encode("latin-1"), []).append((before, behind, score, reason))
    return parts


_PARTS = _by_word()


def scripts(value: bytes) -> Iterator[Finding]:
    """The shapes in a value, with its comments and without them."""
    yield from _shapes(value)
    start = value.find(b"/*")
    if start >= 0 and _JOINING.search(value, start + len(b"/*")):
        end = value.rfind(b"*/") + len(b"*/")
        yield from _shapes(_COMMENT.sub(b"", value[:end]) + value[end:])


def _shapes(value: bytes) -> Iterator[Finding]:
    lowered = value.lower()
    looked = 0
    for word, parts in _PARTS.items():
        position = lowered.find(word)
        while position >= 0:
            looked += 1
            for before, behind, score, reason in parts:
                if (found := behind.match(lowered, position)) is None:
                    continue
                looked += _BEGUN
                if before.search(lowered, max(0, position - _REACH), position):
                    yield Finding(score, reason, value[max(0, position - _AROUND) : found.end() + _AROUND])
                    if score >= LIKELY:
                        return
            if looked > _MOST_WORDS:
                yield Finding(POSSIBLE, "more words of scripts than are looked at", word)
                return
            position = lowered.find(word, position + len(word))


def breakout(value: bytes) -> Finding | None:
    """Whether the value leaves the string of a script that it may stand in, and calls something.

    Only the first quote of a kind ends such a string.
    """
    for quote in (b"'", b'"'):
        position = value.find(quote)
        if position >= 0 and (found := _BREAKOUT.match(value, position)):
            return Finding(POSSIBLE, "a call outside the string of a script", found[0])
    return None
