"""Hints over joined values."""

import pytest

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching import Engine, JoinedEngine, NoDatabases, choose_engine, hint_pattern, join

ENGINES = [choose_engine("hyperscan"), choose_engine("re2")]


@pytest.mark.parametrize("engine", ENGINES, ids=["hyperscan", "re2"])
def test_hints_begin_and_end_with_values_and_lines(engine: Engine) -> None:
    """No hint that asks for a line feed or a space takes the end of a value for one."""
    hints = ("^union$", r"[\r\n]sort", r"sort\s+by", "[$^]price")
    scan = JoinedEngine(engine).compile([hint_pattern(hint) for hint in hints], NoDatabases())
    assert scan(join([b"sort", b"UNION", b"sort", b"by"])) == [0]
    assert scan(join([b"a", b"all\nunion\nall"])) == [0]
    assert scan(join([b"the union", b"union of", b"price"])) == []
    assert sorted(scan(join([b"a\nsort by", b"$price"]))) == [1, 2, 3]


@pytest.mark.parametrize("engine", ENGINES, ids=["hyperscan", "re2"])
def test_hints_keep_their_numbers_whatever_bytes_they_need(engine: Engine) -> None:
    """However they are spread over databases."""
    hints = ("'x", "word", ";y", "<z", "other", r"call\(", r"[(']either")
    scan = JoinedEngine(engine).compile([hint_pattern(hint) for hint in hints], NoDatabases())
    assert sorted(scan(join([b"'x word", b";y", b"<z", b"other"]))) == [0, 1, 2, 3, 4]
    assert scan(join([b"other", b"x", b"y", b"z"])) == [4]
    assert {number for number, _ in scan.spots(join([b"a word;y"]))} == {1, 2}
    assert sorted(scan(join([b"call(", b"'either"]))) == [5, 6]
    assert sorted(scan(join([b"'either"]))) == [6]
    assert sorted(scan(join([b"(either"]))) == [6]


@pytest.mark.parametrize("engine", ENGINES, ids=["hyperscan", "re2"])
def test_a_hint_that_is_refused_is_named_as_it_was_written(engine: Engine) -> None:
    """The one that is wrong, not what was made of it."""
    with pytest.raises(InvalidPatternError) as raised:
        JoinedEngine(engine).compile([hint_pattern("good"), hint_pattern("^(bad")], NoDatabases())
    assert raised.value.pattern == b"^(bad"
