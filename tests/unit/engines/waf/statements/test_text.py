"""Statements about text: what matches, what is shown of it, and what is refused."""

import pytest

from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.errors import RulesetError
from web_acls import (
    PATH,
    Json,
    any_of,
    byte_match,
    compiled,
    decide,
    get,
    header,
    inspected,
    matches,
    negated,
    regex_match,
    rule,
    ruleset,
)

BODY = {"Body": {"OversizeHandling": "MATCH"}}


def details(said: Json, path: str = "/admin", **more: object) -> tuple[MatchDetail, ...]:
    """What a rule that blocks shows."""
    found = decide(ruleset(rule("r", 0, said), **more), get(path))
    assert found.terminating is not None
    return found.terminating.details


def test_what_matched_is_shown() -> None:
    """Of several statements those that matched."""
    said = any_of(byte_match(b"/adm"), byte_match(b"gone"), regex_match("min$"))
    assert details(said) == (
        MatchDetail("BYTE_MATCH", "URI", ("/adm",)),
        MatchDetail("REGEX_MATCH", "URI", ("min$",)),
    )
    assert details(negated(byte_match(b"gone"))) == ()


def test_of_a_pattern_set_what_matched_is_shown() -> None:
    """One of them is enough."""
    said = {"RegexPatternSetReferenceStatement": {"ARN": "set"} | inspected(PATH)}
    found = details(said, regex_pattern_sets={"set": ("^/a", "z", "n$")})
    assert found == (MatchDetail("REGEX_MATCH", "URI", ("^/a", "n$")),)


def test_missing_pattern_sets_are_named() -> None:
    """A rule whose set is not there is an error; an empty set matches nothing."""
    said = {"RegexPatternSetReferenceStatement": {"ARN": "set"} | inspected(PATH)}
    with pytest.raises(RulesetError, match="shop/r: there is no regex pattern set `set`"):
        matches(said, get())
    assert not matches(said, get(), regex_pattern_sets={"set": ()})


def test_refused_patterns_name_their_rule() -> None:
    """Though all are compiled together."""
    rules = ruleset(rule("a", 0, regex_match("fine")), rule("b", 1, regex_match("(broken")))
    with pytest.raises(RulesetError, match=r"shop/b: the regular expression `\(broken`: Missing close"):
        compiled(rules)


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("EQ", "b"), ("NE", "ac"), ("LE", "ab"), ("LT", "a"), ("GE", "bc"), ("GT", "c")],
)
def test_sizes(operator: str, expected: str) -> None:
    """In bytes, after the transformations."""
    said = {"ComparisonOperator": operator, "Size": 4} | inspected(PATH, "URL_DECODE")
    requests = {"a": get("/%41%42"), "b": get("/%41%42c"), "c": get("/%41%42cd")}
    found = "".join(
        name for name, asked in requests.items() if matches({"SizeConstraintStatement": said}, asked)
    )
    assert found == expected


def test_absent_headers_have_no_size() -> None:
    """Not even one of 0; that nothing is there is said with Not."""
    said = {"SizeConstraintStatement": {"ComparisonOperator": "GE", "Size": 0} | inspected(header("x"))}
    assert not matches(said, get())
    assert matches(negated(said), get())
    assert matches(said, get("/", (b"x", b"")))


@pytest.mark.parametrize(
    "said",
    [
        byte_match(b"a", "CONTAINS", BODY),
        regex_match("a", BODY),
        {"SizeConstraintStatement": {"ComparisonOperator": "LT", "Size": 1} | inspected(BODY)},
        {"XssMatchStatement": inspected(BODY)},
    ],
)
def test_what_is_too_large_matches_if_the_field_says_so(said: Json) -> None:
    """And the decision says what was too large."""
    found = decide(ruleset(rule("r", 0, said), body_limit=4), get(body=b"12345"))
    assert found.action == "BLOCK"
    assert found.oversize == ("REQUEST_BODY",)
    assert not matches(said, get(body=b"1234"), body_limit=4)


def test_pattern_and_negation_of_one_field_are_both_right() -> None:
    """A rule that is asked of every request looks at fields before their turn; no rule is forgotten."""
    rules = ruleset(rule("a", 0, negated(byte_match(b"x")), "Count"), rule("b", 1, byte_match(b"y")))
    assert decide(rules, get("/y")).action == "BLOCK"
    assert decide(rules, get("/xy")).counted == ()
    assert decide(rules, get("/xy")).action == "BLOCK"


@pytest.mark.parametrize(
    "said",
    [
        {},
        byte_match(b"a") | regex_match("a"),
        byte_match(b"a", "CONTAINS", {}),
        byte_match(b"a", "CONTAINS", PATH | {"Method": {}}),
        {"AndStatement": {"Statements": [byte_match(b"a")]}},
        {"OrStatement": {"Statements": []}},
        {"SqliMatchStatement": inspected(PATH)},
    ],
)
def test_what_is_not_understood_is_an_error(said: Json) -> None:
    """It names the rule; the last one has no detector here."""
    with pytest.raises(RulesetError, match="shop/r: "):
        compiled(ruleset(rule("r", 0, said)), detectors={})


def test_statements_may_not_be_nested_without_end() -> None:
    """Deep rules are refused before they exhaust the stack."""
    said = byte_match(b"a")
    for _ in range(70):
        said = negated(said)
    with pytest.raises(RulesetError, match="nested"):
        compiled(ruleset(rule("r", 0, said)))
