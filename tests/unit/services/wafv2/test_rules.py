"""Rules: what is taken, what is refused, and what they cost."""

from typing import Any

import pytest

from masugata.services.wafv2 import rule_groups, web_acls
from masugata.testing import LocalAws, local_aws
from unit.services.wafv2.bad_rules import (
    BAD,
    COMMON,
    CONFIG,
    INVALID,
    LIMITS,
    NONE,
    group_reference,
    negated,
    only,
    rate,
    steps,
)
from unit.services.wafv2.using_waf import (
    SCOPE,
    VISIBILITY,
    contains,
    error,
    ip_set,
    named,
    refusal,
    regex,
    rule,
    rule_group,
    web_acl,
)


@pytest.mark.parametrize("defect", BAD)
def test_bad_rules(waf: Any, defect: str) -> None:
    """Each is refused by creating, by changing and by counting, with the field of AWS's list."""
    rules, code, field = BAD[defect]
    made = web_acl(waf)
    change = {
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": rules[0]["VisibilityConfig"],
        "Rules": rules,
    }
    answers = [
        refusal(web_acl, waf, *rules),
        refusal(waf.update_web_acl, **named(made), LockToken=made["LockToken"], **change),
    ]
    if "body that is not there" not in defect:
        answers.append(refusal(waf.check_capacity, Rules=rules, **SCOPE))
    for answer in answers:
        assert (answer["Error"]["Code"], answer.get("Field")) == (code, field), answer
        if code == INVALID:
            assert answer["Reason"]
            assert answer["Parameter"]
    waf.delete_web_acl(**named(made), LockToken=made["LockToken"])


@pytest.mark.parametrize(
    "statement",
    [
        contains(b"x" * 200),
        regex("^[a-z]{2,9}$"),
        rate(AggregateKeyType="CONSTANT", ScopeDownStatement=contains(b"x")),
        rate(AggregateKeyType="FORWARDED_IP", ForwardedIPConfig=CONFIG, EvaluationWindowSec=60),
        rate(
            AggregateKeyType="CUSTOM_KEYS",
            CustomKeys=[{"HTTPMethod": {}}, {"LabelNamespace": {"Namespace": "a:"}}],
        ),
        negated({"AndStatement": {"Statements": [contains(b"x"), negated(contains(b"y"))]}}),
    ],
    ids=["longest-text", "regex", "rate-of-all", "rate-of-forwarded", "rate-of-keys", "nested"],
)
def test_good_rules(waf: Any, statement: dict[str, Any]) -> None:
    """What is just within the bounds is taken, and answered as it was given."""
    made = web_acl(waf, rule("only", 1, statement))
    (found,) = waf.get_web_acl(**named(made))["WebACL"]["Rules"]
    (kind,) = statement
    assert {**found["Statement"][kind], **statement[kind]} == found["Statement"][kind]


def test_a_rule_group_holds_no_groups(waf: Any) -> None:
    """Neither one's own nor managed ones, and four rates at most."""
    made = rule_group(waf)
    for inner in (group_reference(made["ARN"]), {"ManagedRuleGroupStatement": COMMON}):
        answer = refusal(rule_group, waf, rule("a", 1, inner, **NONE))
        assert answer["Error"]["Code"] == INVALID
    rates = [rule(f"r{n}", n, rate()) for n in range(5)]
    assert error(rule_group, waf, *rates) == LIMITS
    rule_group(waf, *rates[:4])


def test_sets_of_other_accounts_and_regions(aws: LocalAws, waf: Any) -> None:
    """An IP set that belongs to somebody else, or is elsewhere, is as if it was not there."""
    for client in (aws.account("444455556666").client("wafv2"), aws.client("wafv2", region_name="eu-west-1")):
        theirs = ip_set(client)["ARN"]
        rules = only({"IPSetReferenceStatement": {"ARN": theirs}})
        assert error(web_acl, waf, *rules) in {"WAFNonexistentItemException", "AccessDeniedException"}


def test_capacity(waf: Any) -> None:
    """Rules cost what AWS says; together no more than a web ACL, or their rule group, has."""
    own = rule_group(waf, Capacity=4_950)
    rules = [rule("own", 1, group_reference(own["ARN"]), **NONE)]
    assert waf.check_capacity(Rules=rules, **SCOPE)["Capacity"] == 4_950
    made = web_acl(waf, *rules, rule("xss", 2, {
        "XssMatchStatement": {"FieldToMatch": {"UriPath": {}}, "TextTransformations": steps(0)},
    }))  # fmt: skip
    assert waf.get_web_acl(**named(made))["WebACL"]["Capacity"] == 5_000
    answer = refusal(web_acl, waf, *rules, rule("managed", 2, {"ManagedRuleGroupStatement": COMMON}, **NONE))
    assert (answer["Error"]["Code"], answer["SourceType"]) == (LIMITS, "WEB_ACL")
    assert error(rule_group, waf, Capacity=5_001) == LIMITS
    assert error(rule_group, waf, rule("a", 1, contains(b"x")), Capacity=9) == LIMITS
    rule_group(waf, rule("a", 1, contains(b"x")), Capacity=10)


def test_without_an_engine(waf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where RE2 is not installed regular expressions are refused, with what to install; the rest is done."""
    import sys

    monkeypatch.delitem(sys.modules, "masugata.engines.waf.matching._re2", raising=False)
    monkeypatch.setitem(sys.modules, "re2", None)
    web_acl(waf, rule("a", 1, contains(b"x")))
    answer = refusal(web_acl, waf, rule("a", 1, regex("x")))
    assert answer["Error"]["Code"] == "WAFInternalErrorException"
    assert "masugata[waf]" in answer["Error"]["Message"]


def test_limits_are_settings() -> None:
    """An operator may allow more, or less."""
    with local_aws(limits={"wafv2.search-string-size": 3}) as aws:
        waf = aws.client("wafv2")
        assert error(web_acl, waf, rule("a", 1, contains(b"four"))) == LIMITS
        web_acl(waf, rule("a", 1, contains(b"six"[:3])))


def test_what_cannot_fit_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither at its statements, of which each costs something, nor at a plan of what costs too much."""
    compiled: list[object] = []
    for module in (web_acls, rule_groups):
        monkeypatch.setattr(module, "check_compiles", lambda *given: compiled.append(given))
    with local_aws(limits={"wafv2.web-acl-capacity": 20, "wafv2.rule-group-capacity": 20}) as aws:
        waf = aws.client("wafv2")
        many = only({"OrStatement": {"Statements": [regex("a(")] * 21}})
        assert error(web_acl, waf, *many) == error(waf.check_capacity, Rules=many, **SCOPE) == LIMITS
        assert refusal(rule_group, waf, *many, Capacity=20)["SourceType"] == "RULE_GROUP"
        dear = [rule(str(number), number, contains(b"x")) for number in range(3)]
        assert refusal(web_acl, waf, *dear)["SourceType"] == "WEB_ACL"
        assert error(rule_group, waf, *dear, Capacity=20) == LIMITS
        assert compiled == []
        web_acl(waf, *dear[:2])
        assert len(compiled) == 1


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"Action": {}}, ("RULE_ACTION", "RuleAction")),
        ({"OverrideAction": {"None": {}}, "Action": {"Block": {}}}, ("RULE", "Rule")),
        ({"OverrideAction": {"None": {}}}, ("RULE", "Statement")),
    ],
)
def test_what_is_said_of_rules_that_do_not_say_what_to_do(
    waf: Any, members: dict[str, Any], answer: tuple[str, str]
) -> None:
    """In AWS's words, which people look for."""
    found = refusal(web_acl, waf, rule("a", 1, contains(b"x"), **members))
    assert (found["Field"], found["Parameter"]) == answer


@pytest.mark.parametrize("name", ["All", "Default_Action"])
def test_metrics_of_aws_waf_itself(waf: Any, name: str) -> None:
    """Nobody else's metric has their names."""
    config = {**VISIBILITY, "MetricName": name}
    answers = [
        refusal(web_acl, waf, VisibilityConfig=config),
        refusal(rule_group, waf, VisibilityConfig=config),
        refusal(web_acl, waf, rule("a", 1, contains(b"x"), VisibilityConfig=config)),
    ]
    assert [(answer["Field"], answer["Parameter"]) for answer in answers] == [("METRIC_NAME", name)] * 3
