"""RE2: patterns that mean something else there."""

import pytest

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching import NoDatabases, Pattern, _re2, choose_engine, user_pattern

ENGINES = [choose_engine("hyperscan"), choose_engine("re2")]


@pytest.mark.parametrize("engine", ENGINES, ids=["hyperscan", "re2"])
@pytest.mark.parametrize(
    ("expression", "text", "expected"),
    [
        (r"^\s$", b"\x0b", True),
        (r"^[\s]$", b"\x0b", True),
        (r"^\S$", b"\x0b", False),
        (r"^[\Sa]$", b"\x0b", False),
        (r"^[^\s]$", b"\x0b", False),
        (r"^\v$", b"\r", True),
        ("^tea$", b"tea\n", True),
        ("^tea$", b"tea\n\n", False),
        (r"^tea\z", b"tea\n", False),
        (r"^tea\Z", b"tea\n", True),
        ("(?m)tea$", b"a\ntea\nb", True),
        ("[$]", b"$", True),
        ("[[:alpha:]]$", b"a", True),
        ("[]$]a", b"]a", True),
        ("[^]]a", b"]a", False),
        ("[[]a", b"[a", True),
        (r"\Qa$b\E$", b"a$b", True),
        (r"\$$", b"$", True),
        ("ä+", "ää".encode(), True),
        ("^.$", "ä".encode(), False),
        (r"\bcat\b", b"a cat.", True),
        ("(?i)CAT", b"cat", True),
        ("c.t", b"c\nt", False),
        ("(?s)c.t", b"c\nt", True),
        ("a*", b"", True),
        ("^$", b"", True),
        ("^$", b"a", False),
        ("(a$)|b", b"a\n", True),
    ],
)
def test_both_engines_read_patterns_as_pcre_does(
    engine: object, expression: str, text: bytes, expected: bool
) -> None:
    """White space, ends of text, classes, quoting and bytes."""
    scan = engine.compile((user_pattern(expression),), NoDatabases())
    assert bool(scan(text)) is expected


@pytest.mark.parametrize(
    "expression", [r"\pL", r"\PL", r"\C", "a(?m)b$", "(?-m)a", "(?m:a$)", "(?m)^a", "[:alpha:]"]
)
def test_what_re2_would_take_for_something_else_is_refused(expression: str) -> None:
    """Rather an error than a rule that means something else with another engine."""
    with pytest.raises(InvalidPatternError):
        ENGINES[1].compile((user_pattern(expression),), NoDatabases())


def test_running_out_of_memory_is_not_no_match(monkeypatch: pytest.MonkeyPatch) -> None:
    """RE2's set says that nothing matches when its states do not fit; then each pattern is asked alone."""
    monkeypatch.setattr(_re2, "MEMORY", 20_000)
    patterns = tuple(Pattern(b"(?:a|b)[ab]{%d}c" % number) for number in range(1, 8))
    scan = ENGINES[1].compile(patterns, NoDatabases())
    assert 6 in scan(b"ab" * 500 + b"c")
