"""What is looked for: regular expressions over bytes, and byte matches written as such."""

import re
from typing import Literal

import msgspec

from masugata.engines.waf.errors import InvalidPatternError

Position = Literal["EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"]
BOUND = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[AzZ]|\(\?[a-z]*-)")
NO_WORD = rb"[^0-9A-Za-z_]"


class Pattern(msgspec.Struct, frozen=True):
    """A regular expression as PCRE reads it, over bytes.

    `hint`: caseless, the dot matches all, and `^` and `$` match at every line, so that values may be joined
    and looked at together (see `_joined`): what matches in one of them matches in all of them together. Hints
    of one `family` are looked for together where a text has too many.
    """

    expression: bytes
    hint: bool = False
    family: str = ""


def user_pattern(expression: str) -> Pattern:
    """A regular expression of a rule: case-sensitive, the dot stops at line feeds, bytes are UTF-8.

    Raises InvalidPatternError for a NUL, which Hyperscan takes for the end of the expression.
    """
    if "\0" in expression:
        raise InvalidPatternError(expression.encode(), "a NUL is written as `\\x00`")
    return Pattern(expression.encode())


def hint_pattern(expression: str, family: str = "") -> Pattern:
    """A regular expression of a detector, a character of it a byte.

    Raises InvalidPatternError if joined values would hide a match.
    """
    if BOUND.search(expression):
        raise InvalidPatternError(
            expression.encode(), "a hint has no `\\A`, `\\z`, `\\Z` and `(?-`: say `^` and `$`"
        )
    return Pattern(expression.encode("latin-1"), hint=True, family=family)


def byte_match_patterns(text: bytes, position: Position) -> tuple[Pattern, ...]:
    """Patterns of which one matches if the text stands there.

    A word has no letter, digit or underscore beside it, wherever it stands.
    Source: https://docs.aws.amazon.com/waf/latest/APIReference/API_ByteMatchStatement.html
    """
    literal = b"".join(b"\\x%02x" % byte for byte in text)
    match position:
        case "EXACTLY":
            found: tuple[bytes, ...] = (rb"\A" + literal + rb"\z",)
        case "STARTS_WITH":
            found = (rb"\A" + literal,)
        case "ENDS_WITH":
            found = (literal + rb"\z",)
        case "CONTAINS":
            found = (literal,)
        case "CONTAINS_WORD":
            # Four, because Hyperscan has no start of the text within an alternative.
            found = tuple(
                before + literal + after for before in (rb"\A", NO_WORD) for after in (rb"\z", NO_WORD)
            )
    return tuple(Pattern(expression) for expression in found)
