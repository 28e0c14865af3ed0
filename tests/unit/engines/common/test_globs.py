"""Globs match what they should, in time proportional to the text."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.engines.common import ANY, STAR, compile_glob, tokenize
from masugata.engines.common.globs import _Places

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


@pytest.mark.parametrize("length", [100, 10_000])
@pytest.mark.parametrize("pattern", ["*?A?ab*", "*a?b*", "*???ab?*", "*-?ab*-", "*a?a?b*" * 10, "*a" * 8])
def test_steps_follow_the_pattern_and_not_the_text(pattern, length):
    """A text is never walked through in Python, so a thousand hostile patterns cost a thousand short ones."""
    matches = compile_glob(tokenize(pattern))
    for text in ("-" * length, "a" * length, "ab-" * (length // 3)):
        assert _lines_executed(matches, text) < 10 * len(pattern) + 50


def test_only_the_last_texts_are_kept():
    """What is known of a text is kept for the next pattern, and only for a few texts."""
    matches = compile_glob(tokenize("*a?b*"))
    for number in range(100):
        assert matches(f"{number}acb")
    assert _Places.of.cache_info().currsize <= 16


@given(st.text("ab?*", max_size=12), st.text("ab", max_size=16))
def test_matching_agrees_with_regular_expressions(pattern, text):
    """Whatever is skipped, a glob matches what the regular expression of the same meaning does."""
    expression = "".join({"*": "[ab]*", "?": "[ab]"}.get(character, character) for character in pattern)
    assert compile_glob(tokenize(pattern))(text) is (re.fullmatch(expression, text) is not None)
