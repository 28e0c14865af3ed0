"""Globs with `*` and `?` whose matching never backtracks.

A pattern is cut at its stars into chunks. The first chunk is anchored at the start, the last at the
end, and every one between is found leftmost: when the leftmost place does not lead to a match, no
later one does, so nothing is tried twice. A chunk without `?` is found by `str.find`. For a chunk with
`?` the places where each of its characters stands in the text are the bits of a number; shifted and
anded, they leave the places where the chunk stands, all at once: one step for each character of the
chunk, whatever the text. The numbers of a text are kept for the next pattern.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import Final


class _Wildcard(Enum):
    STAR = "*"
    ANY = "?"


STAR: Final = _Wildcard.STAR
ANY: Final = _Wildcard.ANY

Token = str | _Wildcard
# A request's texts are compared with many patterns one after another.
_TEXTS: Final = 16
_DIGITS: Final = b"01" + bytes(254)
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

    Matching takes at most one step for each character of the pattern, and each step costs at most one
    pass over the text: over its characters, or over as many bits.
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

    __slots__ = ("_characters", "length", "needle", "pieces")

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
        self._characters = [
            (offset + index, character)
            for offset, literal in pieces
            for index, character in enumerate(literal)
        ]

    def stands_at(self, text: str, position: int) -> bool:
        """Whether the chunk is at `position`; the caller has checked that it fits."""
        if self.needle is not None:
            return text.startswith(self.needle, position)
        return all(text.startswith(literal, position + offset) for offset, literal in self.pieces)

    def find(self, text: str, start: int, end: int) -> int:
        """The leftmost position of the chunk within `text[start:end]`, or -1."""
        if self.needle is not None:
            return text.find(self.needle, start, end)
        last = end - self.length
        if last < start:
            return -1
        places = _Places.of(text)
        found = (2 << last) - (1 << start)
        for offset, character in self._characters:
            found &= places[character] >> offset
            if not found:
                return -1
        return (found & -found).bit_length() - 1


class _Places(dict[str, int]):
    """Where each character stands in a text: bit i for position i, computed when first asked."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @staticmethod
    @lru_cache(maxsize=_TEXTS)
    def of(text: str) -> "_Places":
        return _Places(text)

    def __missing__(self, character: str) -> int:
        bits = bytes(map(character.__eq__, self._text)).translate(_DIGITS)
        places = self[character] = int(bits[::-1], 2)
        return places


def _chunks(tokens: Iterable[Token]) -> list[_Chunk]:
    chunks: list[list[Token]] = [[]]
    for token in tokens:
        if token is STAR:
            chunks.append([])
        elif token:
            chunks[-1].append(token)
    return [_Chunk(chunk) for chunk in chunks]
