"""Detectors that are tables: words, found in C, and what must stand before them and from them on.

Both are written in the syntax that `re` and Hyperscan share, over lower-case text, and each repetition is
bounded, so that the work is linear. Each sign is its own hint.
"""

import re
import sys
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from masugata.engines.waf.detectors._detector import Account, Evidence, Place
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
"""Bytes before a word that what stands before it is looked for in."""
_SHOWN = 200
_AROUND = 16
_MOST_MATCHES = 250
_MOST_WORDS = 2_048
_MOST_MARKS = 8_192
_TRIES = 32
"""Places of a word; where it stands more often, a sign is looked for by itself, from there on."""
_MOST_FOUND = 1_000
"""Of marks such as `{{`: honest text has no more of them."""
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


_COMMON = re.compile(rb"[\w\s'\"]")
_ONE_BYTE = re.compile(r"(?:\(\?:\^\|(?=.*\)$))?\[\^?(?:\\.|[^\]\\])+\]\)?", re.DOTALL)
_CLASSES = re.compile(r"\\.|\[\^?(?:\\.|[^\]\\])+\]", re.DOTALL)
_GROUPS = re.compile(r"\([^()]*\)")
_ALL_BYTES = bytes(range(256))
_LONG = 1_024
"""Words with bytes that are not in a text are not looked for in one that is as long."""


@lru_cache(maxsize=16)
def _lowered(value: bytes) -> bytes:
    """Kept for the detectors, which ask one after the other about all that a value may be decoded to."""
    return value.lower()


@lru_cache(maxsize=16)
def _absent(text: bytes) -> frozenset[int]:
    """The bytes that a long text does not have."""
    return frozenset(_ALL_BYTES.translate(None, text))


def _most(word: bytes) -> int:
    """How often honest text has it: what stands in a quarter of 64 KiB and more is there to cost time."""
    if len(word) == 1:
        return _MOST_MARKS if word in b"$`" else sys.maxsize
    if _COMMON.search(word) is None:
        return _MOST_FOUND
    return _MOST_WORDS if len(word) > 2 else sys.maxsize


class _Word:
    """What is looked for; equal only to itself, which hashes fast."""

    __slots__ = ("bytes", "most", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.bytes = frozenset(text)
        self.most = _most(text)


_word = cache(_Word)


class _Part:
    """A sign, compiled; `first` if it stands where the value begins, and no further than reach allows."""

    def __init__(self, sign: Sign) -> None:
        self.sign = sign
        self.behind = re.compile(sign.behind.encode("latin-1"), re.DOTALL)
        self.before = (
            re.compile(f"(?:{sign.before})\\Z".encode("latin-1"), re.DOTALL) if sign.before else None
        )
        self.reach = 1 if _ONE_BYTE.fullmatch(sign.before) else _REACH
        self.first = sign.before.startswith("^") and "|" not in _GROUPS.sub("", _CLASSES.sub("", sign.before))
        self.words = tuple(_word(word.encode("latin-1")) for word in sign.words)

    def follows(self, text: bytes, position: int) -> bool:
        """Whether what must stand before it ends there."""
        if self.before is None:
            return True
        if self.first:
            return position <= _REACH and self.before.match(text, 0, position) is not None
        return self.before.search(text, max(0, position - self.reach), position) is not None


class SignDetector:
    """Finds the strongest of its signs."""

    def __init__(self, family: str, signs: Iterable[Sign]) -> None:
        """`signs` in any order."""
        self.family = family
        ordered = sorted(signs, key=lambda sign: -sign.score)
        self.hints = tuple(dict.fromkeys(sign.hint for sign in ordered))
        numbers = {hint: number for number, hint in enumerate(self.hints)}
        self._parts: list[list[_Part]] = [[] for _ in self.hints]
        for sign in ordered:
            self._parts[numbers[sign.hint]].append(_Part(sign))

    def detect(self, value: bytes, place: Place) -> Evidence | None:
        """The strongest evidence in it."""
        return self.detect_hinted(value, place, range(len(self.hints)))

    def detect_hinted(
        self,
        value: bytes,
        place: Place,
        hints: Iterable[int],
        account: Account | None = None,  # noqa: ARG002 - what a value costs is little, and bounded
    ) -> Evidence | None:
        """The same, asked only for the signs whose hints these are."""
        text = _lowered(value)
        absent = _absent(text) if len(text) >= _LONG else None
        words: dict[_Word, list[_Part]] = {}
        for number in sorted(hints):
            for part in self._parts[number]:
                if part.sign.places is None or place in part.sign.places:
                    for word in part.words:
                        if absent is None or absent.isdisjoint(word.bytes):
                            words.setdefault(word, []).append(part)
        search = _Search(value, text)
        for word, parts in words.items():
            if not search.look(word, parts):
                if search.best is not None and search.best[0] > POSSIBLE:
                    break
                shown = word.text.decode("latin-1")
                return Evidence(self.family, f"{MORE} of `{shown}`", (word.text,), POSSIBLE)
        best = search.best
        if best is None:
            return None
        score, sign, begin, end = best
        return Evidence(
            self.family, sign.reason, (value[max(0, begin - _AROUND) : end + _AROUND][:_SHOWN],), score
        )


class _Search:
    """One value, looked through word by word."""

    def __init__(self, value: bytes, lowered: bytes) -> None:
        self._value = value
        self._lowered = lowered
        self._prose: bool | None = None
        self._searched: dict[_Part, int] = {}
        self.matches = 0
        self.best: tuple[int, Sign, int, int] | None = None

    def look(self, word: _Word, parts: list[_Part]) -> bool:
        """Whether all places where the word stands could be looked at."""
        text = self._lowered
        position = text.find(word.text)
        for _ in range(_TRIES):
            if position < 0:
                return True
            if position > _REACH:
                parts = [part for part in parts if not part.first]
                if not parts:
                    return True
            for part in parts:
                if not self._outdone(part):
                    self._try(part, position)
            if self.matches > _MOST_MATCHES:
                return False
            position = text.find(word.text, position + 1)
        if position < 0:
            return True
        return text.count(word.text) <= word.most and all(self._rest(part, position) for part in parts)

    def _rest(self, part: _Part, position: int) -> bool:
        """From there on, for all of its words: the sign itself is sooner found than one that is frequent."""
        if self._searched.get(part, sys.maxsize) <= position:
            return True
        self._searched[part] = position
        while not self._outdone(part):
            found = part.behind.search(self._lowered, position)
            if found is None:
                return True
            self._try(part, found.start())
            if self.matches > _MOST_MATCHES:
                return False
            position = found.start() + 1
        return True

    def _outdone(self, part: _Part) -> bool:
        return self.best is not None and part.sign.score <= self.best[0]

    def _try(self, part: _Part, position: int) -> None:
        found = part.behind.match(self._lowered, position)
        if found is None:
            return
        self.matches += 1
        if not part.follows(self._lowered, position):
            return
        sign = part.sign
        score = self._score(sign)
        if self.best is None or score > self.best[0]:
            self.best = score, sign, position, found.end()

    def _score(self, sign: Sign) -> int:
        if sign.in_prose is None:
            return sign.score
        if self._prose is None:
            self._prose = is_prose(self._value)
        return sign.in_prose if self._prose else sign.score
