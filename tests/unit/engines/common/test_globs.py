"""Globs match what they should, in time proportional to the text."""

import sys

import pytest

from masugata.engines.common import ANY, STAR, compile_glob, tokenize

TABLE = [
    ("", "", True),
    ("", "a", False),
    ("*", "", True),
    ("?", "", False),
    ("?", "a", True),
    ("abc", "abc", True),
    ("abc", "abcd", False),
    ("a*", "a", True),
    ("*a", "ba", True),
    ("*a", "ab", False),
    ("a*b*c", "a-b-b-c", True),
    ("a*b*c", "a-c-b", False),
    ("ab*ba", "aba", False),
    ("**a**", "a", True),
    ("a?c*e?", "abcdef", True),
    ("*a?a*", "aba", True),
    ("*a?a*", "aab", False),
    ("*??", "a", False),
    ("*??*", "ab", True),
    ("*a?b?c", "xa1b2b3c", False),
    ("*a?b?c", "xa1b1a2b3c", True),
    ("*?a?*b", "aaab", True),
    ("a\n*", "a\nb\n", True),
    ("*t?", "été", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), TABLE)
def test_matching(pattern, text, expected):
    """`*` stands for any text, `?` for one character, everything else for itself."""
    assert compile_glob(tokenize(pattern))(text) is expected


def test_literal_tokens_are_not_wildcards():
    """Only `STAR` and `ANY` are wildcards; a star in a literal is a star."""
    assert compile_glob(["a*", ANY])("a*b")
    assert not compile_glob(["a*", ANY])("abcd")
    assert compile_glob([STAR, "?"])("what?")


def _lines_executed(function, argument):
    """How many lines of Python run: steps, not seconds."""
    count = 0

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        function(argument)
    finally:
        sys.settrace(previous)
    return count


@pytest.mark.parametrize(
    "pattern",
    ["*a*a*a*a*a*a*a*b", "*a?a*a?a*a?a*b", "*a?a?a?a?a?a?a?b*", "a*" * 200 + "b", "*" + "a?" * 500 + "b*c"],
)
def test_hostile_patterns_take_linear_time(pattern):
    """Against a text made for backtracking, steps grow with the text and not with the stars."""
    matches = compile_glob(tokenize(pattern))
    matches("a" * 5_000)  # tables are built on first use
    short = _lines_executed(matches, "a" * 5_000)
    long = _lines_executed(matches, "a" * 10_000)
    assert long <= 2 * short + 10
    assert long <= 5 * 10_000
