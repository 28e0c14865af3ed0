"""Globs with `*` and `?` whose matching never backtracks.

A pattern is cut at its stars into chunks. The first chunk is anchored at the start, the last at the
end, and every one between is found leftmost: when the leftmost place does not lead to a match, no
later one does, so nothing is tried twice. A chunk without `?` is found by `str.find`; a chunk with
`?` by the Shift-And algorithm (Baeza-Yates and Gonnet, "A new approach to text searching", 1992),
at most one step for each character whatever the pattern. Where no match is under way, `str.find` of
the chunk's longest literal skips the places where it cannot stand.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Final


class _Wildcard(Enum):
    STAR = "*"
    ANY = "?"


STAR: Final = _Wildcard.STAR
ANY: Final = _Wildcard.ANY

Token = str | _Wildcard
# A text may be made so that each skip costs more than the steps it saves: then no more are tried.
_SKIPS: Final = 16
Matcher = Callable[[str], bool]


def tokenize(text: str) -> list[Token]:
    """Split `text` into literals, `STAR` and `ANY`; every `*` and `?` is a wildcard."""
    tokens: list[Token] = []
    start = 0
    for index, character in enumerate(text):
        if character in "*?":
            if start < index:
                tokens.append(text[start:index])
            tokens.append(STAR if character == "*" else ANY)
            start = index + 1
    if start < len(text):
        tokens.append(text[start:])
    return tokens


def compile_glob(tokens: Iterable[Token]) -> Matcher:
    """Return a function that says whether the whole of a text matches.

    Matching costs time proportional to the length of the text times the length of the longest chunk
    in machine words; a text is never scanned twice.
    """
    chunks = _chunks(tokens)
    first, last = chunks[0], chunks[-1]
    if len(chunks) == 1:
        if first.needle is not None:
            return first.needle.__eq__
        return lambda text: len(text) == first.length and first.stands_at(text, 0)
    middle = [chunk for chunk in chunks[1:-1] if chunk.length]
    if not middle and not last.length and first.needle is not None:
        prefix = first.needle
        return lambda text: text.startswith(prefix)
    shortest = sum(chunk.length for chunk in chunks)

    def matches(text: str) -> bool:
        end = len(text) - last.length
        if len(text) < shortest or not first.stands_at(text, 0) or not last.stands_at(text, end):
            return False
        position = first.length
        for chunk in middle:
            position = chunk.find(text, position, end)
            if position < 0:
                return False
            position += chunk.length
        return True

    return matches


class _Chunk:
    """The literals and `?` between two stars; `needle` is its text if it holds no `?`."""

    __slots__ = ("_idle", "_longest", "_other", "_places", "length", "needle", "pieces")

    def __init__(self, tokens: Sequence[Token]) -> None:
        pieces: list[tuple[int, str]] = []
        offset = 0
        for token in tokens:
            if isinstance(token, str):
                pieces.append((offset, token))
                offset += len(token)
            else:
                offset += 1
        self.pieces = tuple(pieces)
        self.length = offset
        self.needle = "".join(text for _, text in pieces) if ANY not in tokens else None
        self._longest = max(pieces, key=lambda piece: len(piece[1]), default=(0, ""))
        # The state when nothing but leading `?` has matched.
        self._idle = (1 << (pieces[0][0] if pieces else 0)) - 1
        self._places: dict[str, int] = {}
        self._other = 0

    def stands_at(self, text: str, position: int) -> bool:
        """Whether the chunk is at `position`; the caller has checked that it fits."""
        return all(text.startswith(literal, position + offset) for offset, literal in self.pieces)

    def find(self, text: str, start: int, end: int) -> int:
        """The leftmost position of the chunk within `text[start:end]`, or -1."""
        if self.needle is not None:
            return text.find(self.needle, start, end)
        if not self.pieces:
            return start if start + self.length <= end else -1
        if not self._places:
            self._index()
        return self._shift_and(text, start, end)

    def _shift_and(self, text: str, start: int, end: int) -> int:
        offset, literal = self._longest
        idle, leading, begin = self._idle, self.pieces[0][0], start
        places, other, accept = self._places, self._other, 1 << (self.length - 1)
        stop, skips = idle, 0
        # No chunk begins before `begin`.
        while (found := text.find(literal, begin + offset, end)) >= 0:
            # Bit i of `state`: the text that ends here matches the chunk's first i + 1 characters.
            state, index = idle, found
            for index in range(found - offset + leading, end):
                state = (state << 1 | 1) & places.get(text[index], other)
                if state & accept:
                    return index - self.length + 1
                if state == stop:
                    break
            begin, skips = index + 1 - leading, skips + 1
            if skips == _SKIPS:
                stop = -1  # no state is that, so the rest is walked through
        return -1

    def _index(self) -> None:
        """For each character, the positions of the chunk where it may stand, as bits."""
        literal_bits: dict[str, int] = {}
        covered = 0
        for offset, literal in self.pieces:
            for index, character in enumerate(literal, offset):
                literal_bits[character] = literal_bits.get(character, 0) | 1 << index
            covered |= ((1 << len(literal)) - 1) << offset
        self._other = ((1 << self.length) - 1) & ~covered
        self._places = {character: bits | self._other for character, bits in literal_bits.items()}


def _chunks(tokens: Iterable[Token]) -> list[_Chunk]:
    chunks: list[list[Token]] = [[]]
    for token in tokens:
        if token is STAR:
            chunks.append([])
        elif token:
            chunks[-1].append(token)
    return [_Chunk(chunk) for chunk in chunks]
