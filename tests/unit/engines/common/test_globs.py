"""Globs match what they should, in time proportional to the text."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ("*?a*", "aba", True),
    ("*?a*", "abb", False),
    ("*??ab*", "abcab", True),
    ("*b?aab*", "aabb-aab", True),
    ("*b?aab*", "aab-bbaab", True),
    ("*b?aab*", "bbaa-baab", False),
    ("*aa?b*", "aaaab", True),
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
    [
        "*a*a*a*a*a*a*a*b",
        "*a?a*a?a*a?a*b",
        "*a?a?a?a?a?a?a?b*",
        "a*" * 200 + "b",
        "*" + "a?" * 500 + "b*c",
        "*b?aa*",
        "*?b?aa?b*",
    ],
)
def test_hostile_patterns_take_linear_time(pattern):
    """Against a text made for backtracking, steps grow with the text and not with the stars."""
    matches = compile_glob(tokenize(pattern))
    matches("a" * 5_000)  # tables are built on first use
    short = _lines_executed(matches, "a" * 5_000)
    long = _lines_executed(matches, "a" * 10_000)
    assert long <= 2 * short + 20
    assert long <= 5 * 10_000 + 200


@pytest.mark.parametrize("pattern", ["*?A?ab*", "*a?b*", "*???ab?*", "*-?ab*-"])
def test_texts_without_the_longest_literal_take_no_steps(pattern):
    """Where a literal of the pattern does not stand, the text is not walked through."""
    matches = compile_glob(tokenize(pattern))
    matches("-" * 100)  # tables are built on first use
    assert _lines_executed(matches, "-" * 10_000) < 50


@given(st.text("ab?*", max_size=12), st.text("ab", max_size=16))
def test_matching_agrees_with_regular_expressions(pattern, text):
    """Whatever is skipped, a glob matches what the regular expression of the same meaning does."""
    expression = "".join({"*": "[ab]*", "?": "[ab]"}.get(character, character) for character in pattern)
    assert compile_glob(tokenize(pattern))(text) is (re.fullmatch(expression, text) is not None)
