"""Hyperscan, RE2 and matching by trying everything find the same."""

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from masugata.engines.waf.matching import (
    JoinedEngine,
    NoDatabases,
    Pattern,
    byte_match_patterns,
    choose_engine,
    join,
    user_pattern,
)
from masugata.engines.waf.matching._hyperscan import FEW
from masugata.engines.waf.matching._possible import can_match
from model.waf_plan_model import Tree, byte_matches, found_in, written
from property.engines.waf_strategies import TEXTS, trees

ENGINES = [choose_engine("hyperscan"), choose_engine("re2")]
POSITIONS = ["EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"]


@pytest.mark.parametrize("engine", ENGINES, ids=["hyperscan", "re2"])
@settings(max_examples=200)
@given(texts=st.lists(st.tuples(TEXTS, st.sampled_from(POSITIONS)), min_size=1, max_size=5), value=TEXTS)
def test_byte_matches(engine: object, texts: list[tuple[bytes, str]], value: bytes) -> None:
    """All positions, many at once, empty texts and values included."""
    patterns: list[Pattern] = []
    owners: list[int] = []
    for number, (text, position) in enumerate(texts):
        found = byte_match_patterns(text, position)
        patterns += found
        owners += [number] * len(found)
    scan = engine.compile(patterns, NoDatabases())
    expected = {n for n, (text, position) in enumerate(texts) if byte_matches(text, position, value)}
    assert {owners[index] for index in scan(value)} == expected


@pytest.mark.parametrize("engine", ENGINES, ids=["hyperscan", "re2"])
@settings(max_examples=200)
@given(expressions=st.lists(trees(), min_size=1, max_size=5), value=TEXTS)
def test_regular_expressions(engine: object, expressions: list[Tree], value: bytes) -> None:
    """Each pattern is found exactly where trying everything finds it."""
    patterns = [user_pattern(written(tree)) for tree in expressions]
    scan = engine.compile(patterns, NoDatabases())
    assert sorted(scan(value)) == [n for n, tree in enumerate(expressions) if found_in(tree, value)]


A = ("byte", b"a")


@example(
    expressions=[A, ("byte", b"b"), ("maybe", A), ("any",), ("maybe", A)], values=[b"aa", b"a" * 5, b"a" * 6]
)
@settings(max_examples=200)
@given(expressions=st.lists(trees(), min_size=1, max_size=5), values=st.lists(TEXTS, min_size=1, max_size=4))
def test_hints_in_one_value_are_found_in_all_together(expressions: list[Tree], values: list[bytes]) -> None:
    """Both engines find the same hints, unless there are too many, and joining values hides none of them."""
    patterns = [Pattern(written(tree).encode(), hint=True) for tree in expressions]
    first, second = (engine.compile(patterns, NoDatabases()) for engine in ENGINES)
    joined, other = (JoinedEngine(engine).compile(patterns, NoDatabases()) for engine in ENGINES)
    together = set(joined(join(values)))
    assert together >= set(other(join(values)))
    # A scan that finds more than FEW is given up: all of its hints count as found.
    if (len(join(values)) + 1) * len(patterns) < FEW:
        assert together == set(other(join(values)))
    for value in filter(None, values):
        # To RE2 a line begins behind the last line feed; for a hint that is one more reason to look.
        few = (len(value) + 1) * len(patterns) < FEW
        assert not few or set(first(value)) <= set(second(value))
        assert not few or value.endswith(b"\n") or set(first(value)) == set(second(value))
        assert set(first(value)) <= set(joined(join([value]))) <= together


@settings(max_examples=200)
@given(tree=trees(), value=TEXTS)
def test_what_matches_a_text_can_match_its_bytes(tree: Tree, value: bytes) -> None:
    """A hint that is left out for the bytes of a text would not have matched it."""
    pattern = Pattern(written(tree).encode(), hint=True)
    if ENGINES[1].compile([pattern], NoDatabases())(value):
        assert can_match(pattern.expression, bytes(set(value)))
