"""Letters as a picture: bent, slanted, at odds with each other, and crossed out.

It holds off whoever will not bother to read pictures. A program made to read them does.
Rows are numbers, so that a picture takes a fraction of a millisecond.
"""

import math
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from masugata.edge.challenge._glyphs import GLYPHS, HEIGHT, WIDTH

_WIDE: Final = 264
_HIGH: Final = 88
_STEP: Final = 40
"""Dots from one letter to the next."""
_LINES: Final = 2

Random = Callable[[int], bytes]


def draw(text: str, random: Random) -> bytes:
    """A PNG of 264 by 88 dots, black and white; `random` gives so many bytes."""
    dice = iter(random(4 * len(text) + 8 + 4 * _LINES))
    rows = [0] * _HIGH
    for number, letter in enumerate(text):
        _letter(rows, letter, 12 + _STEP * number, dice)
    rows = _bend(rows, dice)
    for _ in range(_LINES):
        _cross(rows, dice)
    full = (1 << _WIDE) - 1
    return _png([row & full ^ full for row in rows])


def _letter(rows: list[int], letter: str, left: int, dice: Iterator[int]) -> None:
    wide, high = 5 + next(dice) % 2, 7 + next(dice) % 3
    top = 6 + next(dice) % (_HIGH - 12 - HEIGHT * high)
    slant = (next(dice) % 13 - 6) / (HEIGHT * high)
    for line, dots in enumerate(GLYPHS[letter]):
        row = _widen(dots, wide)
        for within in range(high):
            y = line * high + within
            rows[top + y] ^= _place(row, left + 3 + round(slant * y), WIDTH * wide)


def _widen(dots: int, wide: int) -> int:
    """Each dot as so many."""
    row, dot = 0, (1 << wide) - 1
    for bit in range(WIDTH):
        if dots >> bit & 1:
            row |= dot << (bit * wide)
    return row


def _place(row: int, left: int, width: int) -> int:
    shift = _WIDE - left - width
    return row << shift if shift >= 0 else row >> -shift


def _bend(rows: list[int], dice: Iterator[int]) -> list[int]:
    """Shift each row along two waves."""
    first, second = next(dice) / 40, next(dice) / 40
    length, shorter = 14 + next(dice) % 8, 6 + next(dice) % 4
    bent = []
    for y, row in enumerate(rows):
        shift = round(4 * math.sin(y / length + first) + 1.5 * math.sin(y / shorter + second))
        bent.append(row << shift if shift >= 0 else row >> -shift)
    return bent


def _cross(rows: list[int], dice: Iterator[int]) -> None:
    """A curve through the letters, which turns over what it crosses."""
    middle, swing = 20 + next(dice) % (_HIGH - 40), 4 + next(dice) % 12
    phase, length = next(dice) / 40, 24 + next(dice) % 30
    for x in range(_WIDE):
        y = round(middle + swing * math.sin(x / length + phase))
        dot = 1 << x
        for thick in (y, y + 1):
            if 0 <= thick < _HIGH:
                rows[thick] ^= dot


def _png(rows: list[int]) -> bytes:
    """A picture of one bit a dot (ISO/IEC 15948)."""
    lines = b"".join(b"\0" + row.to_bytes(_WIDE // 8, "big") for row in rows)
    head = struct.pack("!IIBBBBB", _WIDE, _HIGH, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        for kind, data in parts
    )
