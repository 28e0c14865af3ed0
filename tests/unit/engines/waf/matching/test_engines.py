"""Which engine is chosen."""

import sys

import pytest

from masugata.engines.waf.errors import InvalidPatternError, NoEngineError
from masugata.engines.waf.matching import (
    NoDatabases,
    check_pattern,
    choose_engine,
    pattern_size,
    user_pattern,
)


def missing(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """As if these were not installed."""
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)
    for module in ("_hyperscan", "_re2"):
        monkeypatch.delitem(sys.modules, f"masugata.engines.waf.matching.{module}", raising=False)


def test_hyperscan_comes_first() -> None:
    """Where both are there."""
    assert choose_engine().name == "hyperscan"
    assert choose_engine("re2").name == "re2"


def test_re2_where_there_is_no_hyperscan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hyperscan has no wheel for every processor."""
    missing(monkeypatch, "hyperscan")
    assert choose_engine().name == "re2"
    with pytest.raises(NoEngineError):
        choose_engine("hyperscan")


def test_without_any_engine_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are never skipped for want of an engine."""
    missing(monkeypatch, "hyperscan", "re2")
    with pytest.raises(NoEngineError, match=r"masugata\[waf\]"):
        choose_engine()


def test_without_re2_what_hyperscan_refuses_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has Hyperscan's words."""
    missing(monkeypatch, "re2")
    with pytest.raises(InvalidPatternError, match="Embedded start anchors"):
        choose_engine("hyperscan").compile((user_pattern("a(^b|c)"),), NoDatabases())


def test_patterns_are_checked_alone() -> None:
    """What an API asks before it takes a pattern."""
    check_pattern("^/api/v[0-9]+/")
    with pytest.raises(InvalidPatternError, match="`\\(`"):
        check_pattern("(")


def test_patterns_are_measured() -> None:
    """What repeats much is refused before it takes long; what people write is not."""
    assert pattern_size("a") < pattern_size("^/api/v[0-9]+/") < pattern_size("^.{1,1000}=.{1,1000}$") < 10_000
    assert pattern_size("." * 200) < 500
    for large in (".{0,999}" * 24, "(?:" + "a?" * 90 + "){1000}", "a{1000}" * 28):
        with pytest.raises(InvalidPatternError, match="too large"):
            pattern_size(large)
    with pytest.raises(InvalidPatternError, match="`\\(`"):
        pattern_size("(")


def test_without_re2_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hyperscan does not tell how large a pattern is."""
    missing(monkeypatch, "re2")
    with pytest.raises(NoEngineError, match=r"masugata\[waf\]"):
        pattern_size("a")
