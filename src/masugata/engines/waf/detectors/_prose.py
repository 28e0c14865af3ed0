"""Text that people write, told from values that machines send."""

import re

# A word as prose has it, between spaces, with a mark behind it at most.
_WORD = re.compile(rb"(?:^|(?<=[\s(*_>\"]))[A-Za-z][a-z'\x80-\xff-]{0,15}[.,:;!?)]{0,2}(?=[\s*_]|$)")
_PARTS = re.compile(rb"\s+")
_LOOKED_AT = 2_048
_FEWEST = 8
_SHARE = 0.5


def is_prose(value: bytes) -> bool:
    """Whether it reads like sentences: eight words or more, and half of what stands between spaces.

    Long values are judged by their beginning, whose words alone do not make prose of code behind them.
    """
    if value.count(b" ") < _FEWEST - 1:
        return False
    text = value[:_LOOKED_AT]
    words = len(_WORD.findall(text))
    return words >= _FEWEST and words >= _SHARE * (len(_PARTS.findall(text.strip())) + 1)
