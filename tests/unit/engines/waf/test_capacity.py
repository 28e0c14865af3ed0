"""Capacity units."""

import pytest

from masugata.engines.waf.capacity import capacity
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.managed import ManagedGroup
from web_acls import (
    Json,
    all_of,
    any_of,
    byte_match,
    group_rule,
    header,
    inspected,
    label_match,
    managed_group,
    negated,
    own_group,
    regex_match,
    rule,
    ruleset,
)

ALL = {"AllQueryArguments": {}}
JSON_BODY = {"JsonBody": {"MatchPattern": {"All": {}}, "MatchScope": "ALL"}}
GEO = {"GeoMatchStatement": {"CountryCodes": ["US", "IN"]}}
KEYS = [{"IP": {}}, {"HTTPMethod": {}}]


def cost(*statements: Json) -> int:
    """Of a rule for each."""
    return capacity(ruleset(*(rule(f"r{n}", n, said) for n, said in enumerate(statements))).web_acl.rules)


def ip_set(position: str | None) -> Json:
    """By the address at this position of a header, or by the peer's."""
    config = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH", "Position": position}
    more = {} if position is None else {"IPSetForwardedIPConfig": config}
    return {"IPSetReferenceStatement": {"ARN": "set"} | more}


def rate(**more: object) -> Json:
    """A RateBasedStatement."""
    return {"RateBasedStatement": {"Limit": 1000, "AggregateKeyType": "IP"} | more}


def test_the_example_of_the_aws_cli() -> None:
    """15 units, as `aws wafv2 check-capacity help` shows: And is free.

    Source: https://docs.aws.amazon.com/cli/latest/reference/wafv2/check-capacity.html
    """
    host = byte_match(b"example.com", "EXACTLY", header("host"), "LOWERCASE")
    assert cost(all_of(host, GEO), rate()) == 15


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (byte_match(b"a", "EXACTLY"), 2),
        (byte_match(b"a", "STARTS_WITH"), 2),
        (byte_match(b"a", "ENDS_WITH"), 2),
        (byte_match(b"a", "CONTAINS"), 10),
        (byte_match(b"a", "CONTAINS_WORD"), 10),
        (byte_match(b"a", "CONTAINS", ALL), 20),
        (byte_match(b"a", "CONTAINS", JSON_BODY), 20),
        (regex_match("a"), 3),
        ({"RegexPatternSetReferenceStatement": {"ARN": "set"} | inspected(JSON_BODY, "LOWERCASE")}, 60),
        ({"SqliMatchStatement": inspected(ALL, "URL_DECODE", "LOWERCASE")}, 50),
        ({"SqliMatchStatement": {"SensitivityLevel": "HIGH"} | inspected(ALL)}, 40),
        ({"XssMatchStatement": inspected({"Body": {}})}, 40),
        ({"SizeConstraintStatement": {"ComparisonOperator": "GT", "Size": 1} | inspected(ALL)}, 11),
        (GEO, 1),
        ({"AsnMatchStatement": {"AsnList": [1]}}, 1),
        (label_match("a"), 1),
        (ip_set(None), 1),
        (ip_set("FIRST"), 1),
        (ip_set("ANY"), 5),
        (rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=KEYS, ScopeDownStatement=GEO), 63),
        (any_of(GEO, negated(label_match("a"))), 2),
    ],
)
def test_what_statements_cost(said: Json, expected: int) -> None:
    """By the pages of AWS's guide."""
    assert cost(said) == expected


@pytest.mark.parametrize(("counts", "expected"), [([1], 1), ([5], 1), ([3, 2], 1), ([3, 3], 2), ([10], 2)])
def test_labels_cost_by_fives(counts: list[int], expected: int) -> None:
    """Those of all rules together: one unit for every five, and for what is left."""
    rules = [
        rule(f"r{n}", n, GEO, RuleLabels=[{"Name": f"l{label}"} for label in range(count)])
        for n, count in enumerate(counts)
    ]
    assert capacity(ruleset(*rules).web_acl.rules) == len(counts) + expected


def test_the_same_transformations_of_the_same_field_cost_once() -> None:
    """In whatever rules; in another order they are others, and NONE is none."""
    first = byte_match(b"a", "EXACTLY", ALL, "URL_DECODE", "LOWERCASE")
    again = regex_match("a", ALL, "URL_DECODE", "NONE", "LOWERCASE")
    other = regex_match("a", ALL, "LOWERCASE", "URL_DECODE")
    assert cost(first) == 32
    assert cost(first, again) == 32 + 13
    assert cost(first, other) == 32 + 33


def test_groups_cost_what_they_were_given() -> None:
    """And what they are scoped down with; one that is not known is an error."""
    group = ManagedGroup(vendor="AWS", name="G", version="1", capacity=700, label_namespace="g:", rules=())
    rules = [group_rule("a", 0, own_group()), group_rule("b", 1, managed_group("G", ScopeDownStatement=GEO))]
    found = ruleset(*rules).web_acl.rules
    own = found[0].statement.rule_group_reference_statement
    assert own is not None
    known = {own.arn: 50}
    assert capacity(found, rule_groups=known, managed={("AWS", "G", None): group}) == 751
    with pytest.raises(RulesetError, match="a: there is no rule group"):
        capacity(found)
    with pytest.raises(RulesetError, match="b: there is no managed rule group `AWS/G`"):
        capacity(found, rule_groups=known)
