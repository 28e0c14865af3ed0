"""Patterns."""

import pytest

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching import NoDatabases, check_pattern, choose_engine, hint_pattern

ENGINES = [choose_engine("hyperscan"), choose_engine("re2")]


@pytest.mark.parametrize("hint", [r"\Aselect", r"select\z", r"select\Z", "(?-m)^a", "(?i-s:a)"])
def test_hints_that_joined_values_would_hide_are_refused(hint: str) -> None:
    """Values are scanned together: a hint that is bound to the ends of the text would never be found."""
    with pytest.raises(InvalidPatternError):
        hint_pattern(hint)


def test_hints_may_have_backslashes_and_options() -> None:
    """Only what is bound is refused."""
    assert hint_pattern(r"\\A(?i)b(?:c)").hint


@pytest.mark.parametrize("engine", ENGINES, ids=["hyperscan", "re2"])
@pytest.mark.parametrize(
    ("text", "expected"), [(b"x\nUNION\nALL\ny", True), (b"union all", True), (b"a union all", False)]
)
def test_hints_match_lines_whatever_the_case(engine: object, text: bytes, expected: bool) -> None:
    """Caseless, the dot matches line feeds, `^` and `$` match at each."""
    scan = engine.compile((hint_pattern("^union.all$"),), NoDatabases())
    assert bool(scan(text)) is expected


def test_an_expression_with_a_nul_is_refused() -> None:
    """Hyperscan would look for what stands before it, and the rule would mean something else."""
    with pytest.raises(InvalidPatternError, match="a NUL is written as"):
        check_pattern("good\0[bad")
    check_pattern(r"good\x00bad")
