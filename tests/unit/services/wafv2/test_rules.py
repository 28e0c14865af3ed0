"""Rules that cannot be done as they are written, each by its defect."""

from typing import Any

import pytest

from masugata.testing import LocalAws, local_aws
from unit.services.wafv2.using_waf import (
    HEAD,
    MISSING,
    NOTHING,
    SCOPE,
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

INVALID, LIMITS = "WAFInvalidParameterException", "WAFLimitsExceededException"
COMMON = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
NONE = {"OverrideAction": {"None": {}}}
CONFIG = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "MATCH"}


def managed(**members: Any) -> dict[str, Any]:
    """A rule of a managed rule group."""
    return rule("group", 1, {"ManagedRuleGroupStatement": {**COMMON, **members}}, **NONE)


def rate(**members: Any) -> dict[str, Any]:
    """A rate-based statement."""
    return {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP", **members}}


def group_reference(arn: str) -> dict[str, Any]:
    """A statement that refers to a rule group."""
    return {"RuleGroupReferenceStatement": {"ARN": arn}}


def negated(statement: dict[str, Any]) -> dict[str, Any]:
    """A Not statement."""
    return {"NotStatement": {"Statement": statement}}


def byte_match(**members: Any) -> dict[str, Any]:
    """A byte match statement with other members."""
    return {"ByteMatchStatement": {**contains(b"x")["ByteMatchStatement"], **members}}


def steps(*priorities: int) -> list[dict[str, Any]]:
    """Text transformations with these priorities."""
    return [{"Priority": priority, "Type": "LOWERCASE"} for priority in priorities]


def block(**response: Any) -> dict[str, Any]:
    """A rule that blocks with a response of its own."""
    return rule(
        "a", 1, contains(b"x"), Action={"Block": {"CustomResponse": {"ResponseCode": 403, **response}}}
    )


def only(statement: dict[str, Any], **further: Any) -> list[dict[str, Any]]:
    """One rule of this statement."""
    return [rule("only", 1, statement, **further)]


BAD: dict[str, tuple[list[dict[str, Any]], str, str | None]] = {
    "two rules of one name": ([rule("a", 1, contains(b"x")), rule("a", 2, contains(b"y"))], INVALID, "RULE"),
    "two rules of one priority": ([rule("a", 1, contains(b"x")), rule("b", 1, contains(b"y"))], INVALID, "RULE"),
    "no statement": (only({}), INVALID, "STATEMENT"),
    "two statements": (only({**contains(b"x"), **regex("x")}), INVALID, "STATEMENT"),
    "no action": ([{k: v for k, v in rule("a", 1, contains(b"x")).items() if k != "Action"}], INVALID, "RULE"),
    "an empty action": (only(contains(b"x"), Action={}), INVALID, "RULE_ACTION"),
    "two actions": (only(contains(b"x"), Action={"Block": {}, "Count": {}}), INVALID, "RULE_ACTION"),
    "an override action of no group": (only(contains(b"x"), **NONE), INVALID, "RULE"),
    "a payment": (only(contains(b"x"), Action={"Monetize": {"PriceMultiplier": "1"}}), INVALID, "RULE"),
    "an action of a group": (
        [{**managed(), "Action": {"Block": {}}}], INVALID, "RULE"),
    "no override action of a group": (
        only({"ManagedRuleGroupStatement": COMMON}), INVALID, "RULE"),
    "two override actions": (
        [rule("a", 1, {"ManagedRuleGroupStatement": COMMON}, OverrideAction={"None": {}, "Count": {}})],
        INVALID, "OVERRIDE_ACTION"),
    "labels of a group": ([{**managed(), "RuleLabels": [{"Name": "a"}]}], INVALID, "RULE"),
    "one label twice": (only(contains(b"x"), RuleLabels=[{"Name": "a"}] * 2), INVALID, "RULE"),
    "a reserved label": (only(contains(b"x"), RuleLabels=[{"Name": "shop:AWS:a"}]), INVALID, "RULE"),
    "a label with an empty part": (only(contains(b"x"), RuleLabels=[{"Name": "shop::a"}]), INVALID, "RULE"),
    "a challenge forgotten at once": (
        only(contains(b"x"), ChallengeConfig={"ImmunityTimeProperty": {"ImmunityTime": 60}}),
        INVALID, "CHALLENGE_CONFIG"),
    "no field": (only(byte_match(FieldToMatch={})), INVALID, "FIELD_TO_MATCH"),
    "two fields": (only(byte_match(FieldToMatch={"UriPath": {}, "Method": {}})), INVALID, "FIELD_TO_MATCH"),
    "headers by two patterns": (
        only(contains(b"x", Headers={
            "MatchPattern": {"All": {}, "IncludedHeaders": ["a"]}, "MatchScope": "ALL", "OversizeHandling": "MATCH",
        })), INVALID, "HEADER_MATCH_PATTERN"),
    "cookies by no pattern": (
        only(contains(b"x", Cookies={
            "MatchPattern": {}, "MatchScope": "ALL", "OversizeHandling": "MATCH",
        })), INVALID, "COOKIE_MATCH_PATTERN"),
    "JSON by no pattern": (
        only(contains(b"x", JsonBody={"MatchPattern": {}, "MatchScope": "ALL"})), INVALID, "JSON_MATCH_PATTERN"),
    "transformations of one priority": (
        only(byte_match(TextTransformations=steps(1, 1))), INVALID, "TEXT_TRANSFORMATION"),
    "too many transformations": (only(byte_match(TextTransformations=steps(*range(11)))), LIMITS, None),
    "transformations before parsing of one priority": (
        only(byte_match(
            FieldToMatch={"AllQueryArguments": {}},
            PreParseTextTransformations=[{"Priority": 0, "Type": "URL_DECODE"}] * 2,
        )), INVALID, "PRE_PARSE_TEXT_TRANSFORMATION"),
    "nothing to search": (only(contains(b"")), INVALID, "BYTE_MATCH_STATEMENT"),
    "too much to search": (only(contains(b"x" * 201)), LIMITS, None),
    "a regex that is none": (only(regex("a(")), INVALID, "STATEMENT"),
    "a regex that looks behind": (only(regex("(?<=a)b")), INVALID, "STATEMENT"),
    "a regex with a back-reference": (only(regex(r"(a)\1")), INVALID, "STATEMENT"),
    "a regex that is too long": (only(regex("a" * 201)), LIMITS, None),
    "no countries": (only({"GeoMatchStatement": {}}), INVALID, "GEO_MATCH_STATEMENT"),
    "a label that is a namespace": (
        only({"LabelMatchStatement": {"Scope": "LABEL", "Key": "shop:"}}), INVALID, "LABEL_MATCH_STATEMENT"),
    "And of one": (only({"AndStatement": {"Statements": [contains(b"x")]}}), INVALID, "AND_STATEMENT"),
    "Or of none": (only({"OrStatement": {"Statements": []}}), INVALID, "OR_STATEMENT"),
    "Not of nothing": (only(negated({})), INVALID, "STATEMENT"),
    "a rate within Not": (only(negated(rate())), INVALID, "RATE_BASED_STATEMENT"),
    "a managed group within And": (
        only({"AndStatement": {"Statements": [contains(b"x"), {"ManagedRuleGroupStatement": COMMON}]}}),
        INVALID, "MANAGED_RULE_SET_STATEMENT"),
    "a rule group within Or": (
        only({"OrStatement": {"Statements": [contains(b"x"), group_reference(f"{HEAD}rulegroup/a/{MISSING}")]}}),
        INVALID, "RULE_GROUP_REFERENCE_STATEMENT"),
    "a rate within a scope-down": (only(rate(ScopeDownStatement=rate())), INVALID, "RATE_BASED_STATEMENT"),
    "a group within a scope-down": (
        [managed(ScopeDownStatement={"ManagedRuleGroupStatement": COMMON})],
        INVALID, "MANAGED_RULE_SET_STATEMENT"),
    "a window of another length": (only(rate(EvaluationWindowSec=90)), INVALID, "RATE_BASED_STATEMENT"),
    "forwarded addresses of no header": (
        only(rate(AggregateKeyType="FORWARDED_IP")), INVALID, "FORWARDED_IP_CONFIG"),
    "a forwarded address as a key, of no header": (
        only(rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"ForwardedIP": {}}])),
        INVALID, "FORWARDED_IP_CONFIG"),
    "custom keys that are none": (only(rate(AggregateKeyType="CUSTOM_KEYS")), INVALID, "CUSTOM_KEYS"),
    "custom keys of an address": (only(rate(CustomKeys=[{"IP": {}}])), INVALID, "CUSTOM_KEYS"),
    "a custom key that is two": (
        only(rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"IP": {}, "ASN": {}}])), INVALID, "CUSTOM_KEYS"),
    "a rate of everything": (only(rate(AggregateKeyType="CONSTANT")), INVALID, "SCOPE_DOWN"),
    "a rate that allows": (only(rate(), Action={"Allow": {}}), INVALID, "RULE_ACTION"),
    "too many rates": ([rule(f"r{n}", n, rate()) for n in range(11)], LIMITS, None),
    "too many references": (
        [rule(f"r{n}", n, {"IPSetReferenceStatement": {"ARN": f"{HEAD}ipset/a/{MISSING}"}}) for n in range(51)],
        LIMITS, None),
    "a response with a body that is not there": (
        [block(CustomResponseBodyKey="teapot")], INVALID, "CUSTOM_RESPONSE_BODY"),
    "a response with a type of its own": (
        [block(ResponseHeaders=[{"Name": "Content-Type", "Value": "a"}])], INVALID, "CUSTOM_RESPONSE"),
    "a header twice": (
        [block(ResponseHeaders=[{"Name": "a", "Value": "b"}, {"Name": "A", "Value": "c"}])],
        INVALID, "CUSTOM_RESPONSE"),
    "a header that is no text": (
        [block(ResponseHeaders=[{"Name": "a", "Value": "b\x01"}])], INVALID, "CUSTOM_RESPONSE"),
    "too many headers": (
        [block(ResponseHeaders=[{"Name": f"a{n}", "Value": "b"} for n in range(11)])], LIMITS, None),
    "an IP set that is none": (
        only({"IPSetReferenceStatement": {"ARN": f"{HEAD}regexpatternset/a/{MISSING}"}}),
        INVALID, "IP_SET_REFERENCE_STATEMENT"),
    "an IP set of CloudFront": (
        only({"IPSetReferenceStatement": {"ARN": f"{HEAD}ipset/a/{MISSING}".replace("regional", "global")}}),
        INVALID, "IP_SET_REFERENCE_STATEMENT"),
    "an IP set that is not there": (
        only({"IPSetReferenceStatement": {"ARN": f"{HEAD}ipset/a/{MISSING}"}}),
        "WAFNonexistentItemException", None),
    "a regex pattern set that is not there": (
        only({"RegexPatternSetReferenceStatement": {
            "ARN": f"{HEAD}regexpatternset/a/{MISSING}", "FieldToMatch": {"UriPath": {}},
            "TextTransformations": NOTHING,
        }}), "WAFNonexistentItemException", None),
    "a rule group that is not there": (
        [rule("a", 1, group_reference(f"{HEAD}rulegroup/a/{MISSING}"), **NONE)],
        "WAFNonexistentItemException", None),
    "a rule group that is no ARN": (
        [rule("a", 1, group_reference("rulegroup/of/nowhere"), **NONE)],
        INVALID, "RULE_GROUP_REFERENCE_STATEMENT"),
    "a managed group that is not there": ([managed(Name="AWSManagedRulesOfNobody")], "WAFNonexistentItemException", None),
    "a version that is not there": ([managed(Version="Version_99.0")], "WAFNonexistentItemException", None),
    "a group of the marketplace": ([managed(VendorName="Bakers")], "WAFSubscriptionNotFoundException", None),
    "a group that AWS has": ([managed(Name="AWSManagedRulesATPRuleSet")], "WAFSubscriptionNotFoundException", None),
    "a configuration of a group that takes none": (
        [managed(ManagedRuleGroupConfigs=[{"LoginPath": "/login"}])], INVALID, "MANAGED_RULE_GROUP_CONFIG"),
    "an excluded rule that is not there": ([managed(ExcludedRules=[{"Name": "None"}])], INVALID, "EXCLUDED_RULE"),
    "an overridden rule that is not there": (
        [managed(RuleActionOverrides=[{"Name": "None", "ActionToUse": {"Count": {}}}])], INVALID, "EXCLUDED_RULE"),
    "an override of two actions": (
        [managed(RuleActionOverrides=[{"Name": "NoUserAgent_HEADER", "ActionToUse": {"Count": {}, "Block": {}}}])],
        INVALID, "RULE_ACTION"),
}  # fmt: skip


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
        rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"HTTPMethod": {}}, {"LabelNamespace": {"Namespace": "a:"}}]),
        negated({"AndStatement": {"Statements": [contains(b"x"), negated(contains(b"y"))]}}),
    ],
    ids=["longest-text", "regex", "rate-of-all", "rate-of-forwarded", "rate-of-keys", "nested"],
)  # fmt: skip
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
