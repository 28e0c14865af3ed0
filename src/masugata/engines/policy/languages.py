"""Texts that many patterns tell apart: one for each way in which all of them can match or not.

All patterns run side by side over one text, as bits of one number (Shift-And of Baeza-Yates and Gonnet,
with stars as positions that stay). Walking over every number that can be reached finds every set of patterns
that can match one text together, with the shortest such text. That is complete, unless a bound is hit.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Final, NamedTuple


class Sign(Enum):
    """What stands for characters: any one, any number, and both without colons."""

    ANY = "?"
    STAR = "*"
    ANY_BUT_COLON = "[^:]"
    STAR_BUT_COLON = "[^:]*"


class Letter(NamedTuple):
    """One character; with `fold`, in either case."""

    text: str
    fold: bool = False


Pattern = tuple[Letter | Sign, ...]

_STARS: Final = (Sign.STAR, Sign.STAR_BUT_COLON)
_COLONLESS: Final = (Sign.ANY_BUT_COLON, Sign.STAR_BUT_COLON)
# What stands for a character that no pattern asks for, the first that is free.
_OTHERS: Final = "xyzwvu0123456789abcdefghijklmnopqrst-_/ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Texts(NamedTuple):
    """One text for each set of patterns that can match together; `complete` if there are no others."""

    texts: tuple[str, ...]
    complete: bool


def distinguished(
    patterns: Iterable[Pattern], *, within: Pattern = (Sign.STAR,), states: int = 20_000, texts: int = 2_000
) -> Texts:
    """Texts of the pattern `within`, for every way in which `patterns` can match them.

    At most `states` states are visited and `texts` texts kept.
    """
    automaton = _Automaton([within, *dict.fromkeys(patterns)])
    start = automaton.start
    seen = {start}
    queue: deque[tuple[int, str]] = deque([(start, "")])
    found: dict[int, str] = {}
    while queue:
        state, text = queue.popleft()
        accepted = state & automaton.accepting
        if accepted & automaton.first and accepted not in found:
            found[accepted] = text
            if len(found) >= texts:
                return Texts(tuple(found.values()), complete=False)
        for character in automaton.choices(state):
            following = automaton.step(state, character)
            if following & automaton.within and following not in seen:
                if len(seen) >= states:
                    return Texts(tuple(found.values()), complete=False)
                seen.add(following)
                queue.append((following, text + character))
    return Texts(tuple(found.values()), complete=True)


class _Automaton:
    """All patterns one after another in the bits of a number, with one bit behind each for its end.

    `first` is the end of the first pattern, `within` all bits of it, `accepting` all ends.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.accepting = self.start = self.first = self.within = 0
        self._stars = self._colonless = self._any = 0
        self._letters: dict[str, int] = {}
        self._letter_bits = 0
        self._choices: dict[int, str] = {}
        bit = 1
        for number, pattern in enumerate(patterns):
            self.start |= bit
            for item in pattern:
                self._add(item, bit)
                bit <<= 1
            self.accepting |= bit
            bit <<= 1
            if number == 0:
                self.first, self.within = bit >> 1, bit - 1
        self.start = self._closed(self.start)

    def _add(self, item: Letter | Sign, bit: int) -> None:
        if isinstance(item, Letter):
            texts = {item.text.lower(), item.text.upper()} if item.fold else {item.text}
            for text in texts:
                self._letters[text] = self._letters.get(text, 0) | bit
            self._letter_bits |= bit
            self._choices[bit] = "".join(sorted(texts))
            return
        if item in _STARS:
            self._stars |= bit
        else:
            self._any |= bit
        if item in _COLONLESS:
            self._colonless |= bit

    def choices(self, state: int) -> Iterator[str]:
        """The characters that lead on from a state in different ways."""
        wanted: dict[str, None] = {}
        active = state & self._letter_bits
        while active:
            bit = active & -active
            wanted.update(dict.fromkeys(self._choices[bit]))
            active ^= bit
        if state & self._colonless:
            wanted[":"] = None
        yield from wanted
        if state & (self._stars | self._any):
            yield next((other for other in _OTHERS if other not in wanted), "\u00a4")

    def step(self, state: int, character: str) -> int:
        """The state after one more character."""
        wild = self._stars | self._any
        if character == ":":
            wild &= ~self._colonless
        matched = state & (self._letters.get(character, 0) | wild)
        return self._closed((matched & ~self._stars) << 1 | (matched & self._stars))

    def _closed(self, state: int) -> int:
        """A star may also stand for nothing."""
        while (more := state | (state & self._stars) << 1) != state:
            state = more
        return state
