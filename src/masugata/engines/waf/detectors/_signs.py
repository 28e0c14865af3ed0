"""Detectors that are tables: words, found in C, and what must stand before them and from them on.

Both are written in the syntax that `re` and Hyperscan share, over lower-case text, and each repetition is
bounded, so that the work is linear. Each sign is its own hint.
"""

import re
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
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
_BYTES_A_STEP, _TOKENS_A_STEP = 10_000, 96
"""What is looked through for a word, and cut into tokens."""
_PLACES_A_STEP, _PLACES_PASSED_A_STEP = 2, 16
"""Places of a word at which a sign is tried, and of one that signs are looked for behind."""
_MOST_SEARCHED = 60
"""Words of a sign that is looked for by itself: `re` tries each at each letter that one begins with."""
_MANY_WORDS = 24
"""From so many on it is sooner known which tokens there are than where each word is."""
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
_TOKEN = re.compile(rb"[a-z0-9_]+")
_OF_TOKENS = b"abcdefghijklmnopqrstuvwxyz0123456789_"
_BETWEEN_TOKENS = bytes(byte if byte in _OF_TOKENS else 0x20 for byte in range(256))
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


def _tokens(text: bytes) -> list[bytes]:
    """Each run of letters, digits and underscores once, sorted; the last one is behind all others."""
    return [*sorted(set(text.translate(_BETWEEN_TOKENS).split())), b"\xff"]


def _most(word: bytes) -> int:
    """How often honest text has it: what stands in a quarter of 64 KiB and more is there to cost time."""
    if len(word) == 1:
        return _MOST_MARKS if word in b"$`" else sys.maxsize
    if _COMMON.search(word) is None:
        return _MOST_FOUND
    return _MOST_WORDS if len(word) > 2 else sys.maxsize


class _Word:
    """What is looked for; equal only to itself, which hashes fast."""

    __slots__ = ("_in_tokens", "bytes", "most", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.bytes = frozenset(text)
        self.most = _most(text)
        self._in_tokens = _TOKEN.fullmatch(text) is not None

    def begun(self, parts: "list[_Part]", tokens: list[bytes]) -> "list[_Part]":
        """Those of the parts that may be where the word is, if these are the tokens of the text."""
        if not self._in_tokens or tokens[bisect_left(tokens, self.text)].startswith(self.text):
            return parts
        return [part for part in parts if not part.begins_token]


_word = cache(_Word)


def _places(text: bytes, word: bytes) -> Iterator[int]:
    position = text.find(word)
    while position >= 0:
        yield position
        position = text.find(word, position + 1)


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
        self.begins_token = self.reach == 1 and not any(
            self.follows(bytes((byte,)), 1) for byte in _OF_TOKENS
        )
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
        account: Account | None = None,
    ) -> Evidence | None:
        """The same, asked only for the signs whose hints these are; places of words are paid."""
        text = _lowered(value)
        account = account or Account()
        search = _Search(value, text, account)
        for word, parts in self._words(text, place, hints, account).items():
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

    def _words(
        self, text: bytes, place: Place, hints: Iterable[int], account: Account
    ) -> dict[_Word, list[_Part]]:
        """What is looked for, with the parts of signs that may be there."""
        absent = _absent(text) if len(text) >= _LONG else None
        words: dict[_Word, list[_Part]] = {}
        for number in sorted(hints):
            for part in self._parts[number]:
                if part.sign.places is None or place in part.sign.places:
                    for word in part.words:
                        if absent is None or absent.isdisjoint(word.bytes):
                            words.setdefault(word, []).append(part)
        if absent is None or len(words) <= _MANY_WORDS:
            return words
        account.left -= len(text) // _TOKENS_A_STEP
        tokens = account.once(_tokens, text)
        return {word: left for word, parts in words.items() if (left := word.begun(parts, tokens))}


class _Search:
    """One value, looked through word by word."""

    def __init__(self, value: bytes, lowered: bytes, account: Account) -> None:
        self._value = value
        self._lowered = lowered
        self._account = account
        self._prose: bool | None = None
        self._searched: dict[_Part, int] = {}
        self.matches = 0
        self.best: tuple[int, Sign, int, int] | None = None

    def look(self, word: _Word, parts: list[_Part]) -> bool:
        """Whether all places where the word stands could be looked at."""
        if not self._pay(len(self._lowered) // _BYTES_A_STEP):
            return False
        # that of many words is slow to be looked for
        searched = all(len(part.words) <= _MOST_SEARCHED for part in parts)
        tries = _TRIES if searched else word.most
        for number, position in enumerate(_places(self._lowered, word.text)):
            if number == tries:
                return searched and self._look_for_signs(word, parts, position)
            if position > _REACH:
                parts = [part for part in parts if not part.first]
            if not parts:
                return True
            if number % _PLACES_A_STEP == 0 and not self._pay(len(parts)):
                return False
            for part in parts:
                if not self._outdone(part):
                    self._try(part, position)
            if self.matches > _MOST_MATCHES:
                return False
        return True

    def _look_for_signs(self, word: _Word, parts: list[_Part], position: int) -> bool:
        places = self._lowered.count(word.text, position)
        if places > word.most or not self._pay(len(parts) * places // _PLACES_PASSED_A_STEP):
            return False
        return all(self._rest(part, position) for part in parts)

    def _pay(self, steps: int) -> bool:
        self._account.left -= steps
        return self._account.left > 0

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
