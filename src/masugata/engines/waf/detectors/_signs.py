"""Detectors that are tables: words, found in C, and what must stand before them and from them on.

Both are written in the syntax that `re` and Hyperscan share, over lower-case text, and each repetition is
bounded, so that the work is linear. Each sign is its own hint.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from masugata.engines.waf.detectors._detector import Evidence, Place
from masugata.engines.waf.detectors._prose import is_prose

CERTAIN = 100
"""Never harmless."""
LIKELY = 80
"""Harmless only in talk about attacks."""
POSSIBLE = 60
"""Seen in honest requests too, but rarely."""
WEAK = 40
"""Alone no attack."""

WORD = r"(?:^|[^a-z0-9_])"
"""Before a word: no letter, digit or underscore."""
ANYWHERE = ""
ALL_OF_IT = r"^\s{0,8}['\"(]{0,2}"
"""Before a word that begins the value."""
END = r"\s{0,8}['\")]{0,2}\s{0,8}$"
"""Behind what ends it."""
GAP = r"(?:\s|/\*[^*]{0,64}\*/){0,6}"
"""Spaces and comments, where code may have them."""
_WIDER_GAP = r"\s*(?:/\*.*)?"

_REACH = 128
_SHOWN = 200
_AROUND = 16
_MOST_FOUND = 2_000
_COST_OF_MATCH = 8
MORE = "more than is looked at"

ADDRESSES = frozenset({Place.PATH, Place.QUERY_ARGUMENT, Place.COOKIE, Place.HEADER})
"""Places in which nobody writes text of many lines."""


class Sign(NamedTuple):
    """`words`: one of them stands where `behind` begins; `before` ends there.

    `in_prose` is the score in text that people write, if it is another one; `places` are where it counts.
    `wider` matches wherever `behind` does, and is what Hyperscan gets in its place.
    """

    score: int
    reason: str
    words: tuple[str, ...]
    behind: str
    before: str = ANYWHERE
    in_prose: int | None = None
    places: frozenset[Place] | None = None
    wider: str | None = None

    @property
    def hint(self) -> str:
        """What Hyperscan looks for: the sign itself, or what is in each and costs Hyperscan less."""
        behind = (self.wider or self.behind).replace(GAP, _WIDER_GAP)
        return f"(?:{self.before})(?:{behind})" if self.before else behind


class _Part(NamedTuple):
    before: re.Pattern[bytes] | None
    behind: re.Pattern[bytes]
    sign: Sign


class SignDetector:
    """Finds the strongest of its signs."""

    def __init__(self, family: str, signs: Iterable[Sign]) -> None:
        """`signs` in any order."""
        self.family = family
        ordered = sorted(signs, key=lambda sign: -sign.score)
        self.hints = tuple(dict.fromkeys(sign.hint for sign in ordered))
        self._parts: dict[bytes, list[_Part]] = {}
        for sign in ordered:
            before = re.compile(f"(?:{sign.before})\\Z".encode("latin-1"), re.DOTALL) if sign.before else None
            part = _Part(before, re.compile(sign.behind.encode("latin-1"), re.DOTALL), sign)
            for word in sign.words:
                self._parts.setdefault(word.encode("latin-1"), []).append(part)

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence in it."""
        search = _Search(value, place)
        for word, parts in self._parts.items():
            if not search.look(word, parts):
                return Evidence(self.family, f"{MORE} of `{word.decode('latin-1')}`", (word,), POSSIBLE)
        best = search.best
        if best is None:
            return None
        score, sign, begin, end = best
        return Evidence(
            self.family, sign.reason, (value[max(0, begin - _AROUND) : end + _AROUND][:_SHOWN],), score
        )


class _Search:
    """One value, looked through word by word."""

    def __init__(self, value: bytes, place: Place) -> None:
        self._value = value
        self._lowered = value.lower()
        self._place = place
        self._prose: bool | None = None
        self._cost = 0
        self.best: tuple[int, Sign, int, int] | None = None

    def look(self, word: bytes, parts: list[_Part]) -> bool:
        """Whether all places where the word stands could be looked at."""
        text = self._lowered
        position = text.find(word)
        while position >= 0:
            self._cost += 1
            for part in parts:
                if self.best is not None and part.sign.score <= self.best[0]:
                    break
                self._try(part, position)
            if self._cost > _MOST_FOUND:
                return False
            position = text.find(word, position + 1)
        return True

    def _try(self, part: _Part, position: int) -> None:
        sign = part.sign
        if sign.places is not None and self._place not in sign.places:
            return
        found = part.behind.match(self._lowered, position)
        if found is None:
            return
        self._cost += _COST_OF_MATCH
        before = part.before
        if before is not None and not before.search(self._lowered, max(0, position - _REACH), position):
            return
        score = self._score(sign)
        if self.best is None or score > self.best[0]:
            self.best = score, sign, position, found.end()

    def _score(self, sign: Sign) -> int:
        if sign.in_prose is None:
            return sign.score
        if self._prose is None:
            self._prose = is_prose(self._value)
        return sign.in_prose if self._prose else sign.score
