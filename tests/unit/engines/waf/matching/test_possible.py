"""Which expressions can match a text of certain bytes."""

import pytest

from masugata.engines.waf.matching._possible import can_match


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (b"abc", True),
        (b"a;c", False),
        (b"a;?c", True),
        (b"a;{0,4}c", True),
        (b"a;{1,4}c", False),
        (b"(?:;|b)c", True),
        (b"(?:;|')c", False),
        (b"(?:x(?:;|'))?c", True),
        (b"[;a]", True),
        (b"[;']", False),
        (b"[^a-z]", False),
        (rb"[\];]", False),
        (b"[]a]", True),
        (rb"a\|b", False),
        (rb"\s", False),
        (rb"\w\b", True),
        (rb"\x61", True),
        (rb"\x3b", False),
        (rb"\(?a", True),
        (b"A", True),
        (b"", True),
        (b"a|", True),
    ],
)
def test_letters(expression: bytes, expected: bool) -> None:
    """Of a text that has nothing but letters, whatever their case."""
    assert can_match(expression, b"abcdefghijklmnopqrstuvwxyz") is expected


@pytest.mark.parametrize("expression", [rb"\Qa|;\E;", b"(?i);", b"[[:alpha:]];", rb"\1"])
def test_what_is_not_read_can_match_anything(expression: bytes) -> None:
    """To look once too often is no mistake."""
    assert can_match(expression, b"x")


def test_vertical_spaces() -> None:
    """Hyperscan's are more than Python's."""
    assert can_match(rb"\v", b"\n")
    assert can_match(rb"[\v]", b"\x85")
