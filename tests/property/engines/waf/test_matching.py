"""A pattern is found beside others where it is found alone."""

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from masugata.engines.waf import detectors
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.matching import JoinedEngine, NoDatabases, choose_engine, hint_pattern, join
from masugata.engines.waf.statements._hits import Marks

ENGINE = JoinedEngine(choose_engine("hyperscan"))
HINTS = sorted(
    {
        hint
        for name in detectors.__all__
        if isinstance(hints := getattr(getattr(detectors, name), "hints", ()), tuple)
        for hint in hints
    }
)
PIECES = [
    "${",
    "#{",
    "*{",
    "{{",
    "}}",
    "}",
    "%{",
    "(",
    ")",
    ";",
    "|",
    "||",
    "&&",
    "`",
    "'",
    '"',
    "<",
    ">",
    "=",
    ":",
    "/",
    "//",
    "../",
    "..\\",
    ".",
    ",",
    "@",
    "&",
    "%",
    "%00",
    "\n",
    "\t",
    "x",
    "7*7",
    "1=1",
    "or",
    "union",
    "select",
    "class.",
    "getclass",
    "t(",
    "request.",
    "runtime",
    "jndi:",
    "lower:",
    "env:",
    "::-",
    "exec(",
    "''.",
    "script",
    "onerror=",
    "javascript:",
    "cat",
    "/etc/passwd",
    "php://",
    "file://",
    "http://127.0.0.1/",
    "$where",
    "[$ne]",
    "_$$nd_",
    "__proto__",
    "eval(",
    "system(",
    "<!entity",
    "<?php",
    "rO0AB",
    "cmd.exe",
]


@cache
def alone(hint: str):
    """The pattern in a database of its own."""
    return ENGINE.compile((hint_pattern(hint),), NoDatabases())


def test_there_are_hints() -> None:
    """The detectors' hints are found, so that the next test has something to say."""
    assert len(HINTS) > 200


@given(
    hints=st.lists(st.sampled_from(HINTS), min_size=2, max_size=4, unique=True),
    values=st.lists(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), min_size=20, max_size=40),
)
def test_a_pattern_is_found_beside_others_where_it_is_found_alone(
    hints: list[str], values: list[str]
) -> None:
    """Hyperscan puts patterns together, and must not lose any of their matches by that."""
    together = ENGINE.compile(tuple(hint_pattern(hint) for hint in hints), NoDatabases())
    for value in values:
        data = join([value.encode()])
        expected = [index for index, hint in enumerate(hints) if alone(hint)(data)]
        assert sorted(together(data)) == expected


@given(
    hints=st.lists(st.sampled_from(HINTS), min_size=2, max_size=4, unique=True),
    values=st.lists(st.lists(st.sampled_from(PIECES), max_size=10).map("".join), min_size=2, max_size=12),
)
def test_what_is_in_a_value_ends_in_it_among_others(hints: list[str], values: list[str]) -> None:
    """Values are scanned together, and only those in which a match ends are looked at alone."""
    together = ENGINE.compile(tuple(hint_pattern(hint) for hint in hints), NoDatabases())
    data = [value.encode() for value in values if value]
    marks = Marks(together.spots(join(data)), data)
    for value in data:
        for index, hint in enumerate(hints):
            if alone(hint)(join([value])):
                assert marks.of(frozenset({index}), [(Place.HEADER, value)])
