"""Text that people write, told from values that machines send."""

import re

# A word as prose has it, between spaces, with a mark behind it at most.
_WORD = re.compile(rb"(?:^|(?<=[\s(*_>\"]))[A-Za-z][a-z'\x80-\xff-]{0,15}[.,:;!?)]{0,2}(?=[\s*_]|$)")
_PARTS = re.compile(rb"\s+")
_LOOKED_AT = 2_048
_FEWEST = 5
_SHARE = 0.5


def is_prose(value: bytes) -> bool:
    """Whether it reads like sentences: five words or more, and half of what stands between spaces.

    Long values are judged by their beginning, whose words alone do not make prose of code behind them.
    """
    text = value[:_LOOKED_AT]
    if b" " not in text:
        text = text.replace(b"+", b" ").replace(b"%20", b" ")
    if text.count(b" ") < _FEWEST - 1:
        return False
    words = len(_WORD.findall(text))
    return words >= _FEWEST and words >= _SHARE * (len(_PARTS.findall(text.strip())) + 1)


_SPAN = re.compile(rb"[a-z]{2}['s]{0,2}[\s,:(]{1,3}`|`[\s,.:)]{1,3}[a-z]{2}", re.IGNORECASE)
# A block of code begins with its line, also in quotations, lists and markup.
_FENCE = re.compile(rb"^(?:[ \t>*+\-.\d]|<[^<>\n]{0,64}>){0,12}```", re.MULTILINE)
_LINES = 4
_WORDS = 20


def has_spans(value: bytes) -> bool:
    """Whether words stand outside of its backticks, as in text with code between them."""
    return _SPAN.search(value[:_LOOKED_AT]) is not None


def is_document(value: bytes) -> bool:
    """Whether it is a text of several lines with words in them, or has blocks of code fenced off."""
    text = value[:_LOOKED_AT]
    return (b"```" in text and _FENCE.search(text) is not None) or (
        text.count(b"\n") >= _LINES and len(_WORD.findall(text)) >= _WORDS
    )
