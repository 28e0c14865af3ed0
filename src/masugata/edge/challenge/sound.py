"""Digits as a sound, for those who do not see the picture: so many beeps, a pause, so many beeps."""

import math
import struct
from typing import Final

_RATE: Final = 4_000
_TONE: Final = 500


def _beep() -> bytes:
    size = _RATE * 12 // 100
    return bytes(
        round(128 + 100 * math.sin(math.pi * n / size) * math.sin(2 * math.pi * _TONE * n / _RATE))
        for n in range(size)
    )


_BEEP: Final = _beep() + b"\x80" * (_RATE * 16 // 100)
_PAUSE: Final = b"\x80" * (_RATE * 9 // 10)


def play(digits: str) -> bytes:
    """A WAV file: mono, 8 bits, 4,000 a second."""
    data = _PAUSE + _PAUSE.join(_BEEP * int(digit) for digit in digits) + _PAUSE
    head = struct.pack("<IHHIIHH", 16, 1, 1, _RATE, _RATE, 1, 8)
    return (
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + head
        + b"data" + struct.pack("<I", len(data)) + data
    )  # fmt: skip
