"""Rules that cannot be done as they are written, by their defects."""

from typing import Any

from unit.services.wafv2.using_waf import HEAD, MISSING, NOTHING, contains, regex, rule

INVALID, LIMITS = "WAFInvalidParameterException", "WAFLimitsExceededException"
ABSENT, UNSUBSCRIBED = "WAFNonexistentItemException", "WAFSubscriptionNotFoundException"
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
    "two rules of one priority": (
        [rule("a", 1, contains(b"x")), rule("b", 1, contains(b"y"))],
        INVALID,
        "RULE",
    ),
    "no statement": (only({}), INVALID, "STATEMENT"),
    "two statements": (only({**contains(b"x"), **regex("x")}), INVALID, "STATEMENT"),
    "no action": (
        [{k: v for k, v in rule("a", 1, contains(b"x")).items() if k != "Action"}],
        INVALID,
        "RULE",
    ),
    "an empty action": (only(contains(b"x"), Action={}), INVALID, "RULE_ACTION"),
    "two actions": (only(contains(b"x"), Action={"Block": {}, "Count": {}}), INVALID, "RULE_ACTION"),
    "an override action of no group": (only(contains(b"x"), **NONE), INVALID, "RULE"),
    "a payment": (only(contains(b"x"), Action={"Monetize": {"PriceMultiplier": "1"}}), INVALID, "RULE"),
    "an action of a group": ([{**managed(), "Action": {"Block": {}}}], INVALID, "RULE"),
    "no override action of a group": (only({"ManagedRuleGroupStatement": COMMON}), INVALID, "RULE"),
    "two override actions": (
        [rule("a", 1, {"ManagedRuleGroupStatement": COMMON}, OverrideAction={"None": {}, "Count": {}})],
        INVALID,
        "OVERRIDE_ACTION",
    ),
    "labels of a group": ([{**managed(), "RuleLabels": [{"Name": "a"}]}], INVALID, "RULE"),
    "one label twice": (only(contains(b"x"), RuleLabels=[{"Name": "a"}] * 2), INVALID, "RULE"),
    "a reserved label": (only(contains(b"x"), RuleLabels=[{"Name": "shop:AWS:a"}]), INVALID, "RULE"),
    "a label of six namespaces": (
        only(contains(b"x"), RuleLabels=[{"Name": "a:b:c:d:e:f:g"}]),
        INVALID,
        "RULE",
    ),
    "a label with a long part": (
        only(contains(b"x"), RuleLabels=[{"Name": "shop:" + "a" * 129}]),
        INVALID,
        "RULE",
    ),
    "a label with an empty part": (only(contains(b"x"), RuleLabels=[{"Name": "shop::a"}]), INVALID, "RULE"),
    "a challenge forgotten at once": (
        only(contains(b"x"), ChallengeConfig={"ImmunityTimeProperty": {"ImmunityTime": 60}}),
        INVALID,
        "CHALLENGE_CONFIG",
    ),
    "no field": (only(byte_match(FieldToMatch={})), INVALID, "FIELD_TO_MATCH"),
    "two fields": (only(byte_match(FieldToMatch={"UriPath": {}, "Method": {}})), INVALID, "FIELD_TO_MATCH"),
    "headers by two patterns": (
        only(
            contains(
                b"x",
                Headers={
                    "MatchPattern": {"All": {}, "IncludedHeaders": ["a"]},
                    "MatchScope": "ALL",
                    "OversizeHandling": "MATCH",
                },
            )
        ),
        INVALID,
        "HEADER_MATCH_PATTERN",
    ),
    "cookies by no pattern": (
        only(
            contains(
                b"x",
                Cookies={
                    "MatchPattern": {},
                    "MatchScope": "ALL",
                    "OversizeHandling": "MATCH",
                },
            )
        ),
        INVALID,
        "COOKIE_MATCH_PATTERN",
    ),
    "JSON by no pattern": (
        only(contains(b"x", JsonBody={"MatchPattern": {}, "MatchScope": "ALL"})),
        INVALID,
        "JSON_MATCH_PATTERN",
    ),
    "transformations of one priority": (
        only(byte_match(TextTransformations=steps(1, 1))),
        INVALID,
        "TEXT_TRANSFORMATION",
    ),
    "too many transformations": (only(byte_match(TextTransformations=steps(*range(11)))), LIMITS, None),
    "transformations before parsing of one priority": (
        only(
            byte_match(
                FieldToMatch={"AllQueryArguments": {}},
                PreParseTextTransformations=[{"Priority": 0, "Type": "URL_DECODE"}] * 2,
            )
        ),
        INVALID,
        "PRE_PARSE_TEXT_TRANSFORMATION",
    ),
    "nothing to search": (only(contains(b"")), INVALID, "BYTE_MATCH_STATEMENT"),
    "too much to search": (only(contains(b"x" * 201)), LIMITS, None),
    "a regex that is none": (only(regex("a(")), INVALID, "STATEMENT"),
    "a regex that looks behind": (only(regex("(?<=a)b")), INVALID, "STATEMENT"),
    "a regex with a back-reference": (only(regex(r"(a)\1")), INVALID, "STATEMENT"),
    "a regex that is too long": (only(regex("a" * 201)), LIMITS, None),
    "no countries": (only({"GeoMatchStatement": {}}), INVALID, "GEO_MATCH_STATEMENT"),
    "a label that is a namespace": (
        only({"LabelMatchStatement": {"Scope": "LABEL", "Key": "shop:"}}),
        INVALID,
        "LABEL_MATCH_STATEMENT",
    ),
    "And of one": (only({"AndStatement": {"Statements": [contains(b"x")]}}), INVALID, "AND_STATEMENT"),
    "Or of none": (only({"OrStatement": {"Statements": []}}), INVALID, "OR_STATEMENT"),
    "Not of nothing": (only(negated({})), INVALID, "STATEMENT"),
    "a rate within Not": (only(negated(rate())), INVALID, "RATE_BASED_STATEMENT"),
    "a managed group within And": (
        only({"AndStatement": {"Statements": [contains(b"x"), {"ManagedRuleGroupStatement": COMMON}]}}),
        INVALID,
        "MANAGED_RULE_SET_STATEMENT",
    ),
    "a rule group within Or": (
        only(
            {"OrStatement": {"Statements": [contains(b"x"), group_reference(f"{HEAD}rulegroup/a/{MISSING}")]}}
        ),
        INVALID,
        "RULE_GROUP_REFERENCE_STATEMENT",
    ),
    "a rate within a scope-down": (only(rate(ScopeDownStatement=rate())), INVALID, "RATE_BASED_STATEMENT"),
    "a group within a scope-down": (
        [managed(ScopeDownStatement={"ManagedRuleGroupStatement": COMMON})],
        INVALID,
        "MANAGED_RULE_SET_STATEMENT",
    ),
    "a window of another length": (only(rate(EvaluationWindowSec=90)), INVALID, "RATE_BASED_STATEMENT"),
    "forwarded addresses of no header": (
        only(rate(AggregateKeyType="FORWARDED_IP")),
        INVALID,
        "FORWARDED_IP_CONFIG",
    ),
    "a forwarded address as a key, of no header": (
        only(rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"ForwardedIP": {}}, {"HTTPMethod": {}}])),
        INVALID,
        "FORWARDED_IP_CONFIG",
    ),
    "custom keys that are none": (only(rate(AggregateKeyType="CUSTOM_KEYS")), INVALID, "CUSTOM_KEYS"),
    "custom keys of an address": (only(rate(CustomKeys=[{"IP": {}}])), INVALID, "CUSTOM_KEYS"),
    "an address as the only custom key": (
        only(rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"IP": {}}])),
        INVALID,
        "CUSTOM_KEYS",
    ),
    "a forwarded address as the only custom key": (
        only(
            rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"ForwardedIP": {}}], ForwardedIPConfig=CONFIG)
        ),
        INVALID,
        "CUSTOM_KEYS",
    ),
    "a custom key that is two": (
        only(rate(AggregateKeyType="CUSTOM_KEYS", CustomKeys=[{"IP": {}, "ASN": {}}])),
        INVALID,
        "CUSTOM_KEYS",
    ),
    "a rate of everything": (only(rate(AggregateKeyType="CONSTANT")), INVALID, "SCOPE_DOWN"),
    "a rate that allows": (only(rate(), Action={"Allow": {}}), INVALID, "RULE_ACTION"),
    "too many rates": ([rule(f"r{n}", n, rate()) for n in range(11)], LIMITS, None),
    "too many references": (
        [
            rule(f"r{n}", n, {"IPSetReferenceStatement": {"ARN": f"{HEAD}ipset/a/{MISSING}"}})
            for n in range(51)
        ],
        LIMITS,
        None,
    ),
    "a response with a body that is not there": (
        [block(CustomResponseBodyKey="teapot")],
        INVALID,
        "CUSTOM_RESPONSE_BODY",
    ),
    "a response with a type of its own": (
        [block(ResponseHeaders=[{"Name": "Content-Type", "Value": "a"}])],
        INVALID,
        "CUSTOM_RESPONSE",
    ),
    "a header twice": (
        [block(ResponseHeaders=[{"Name": "a", "Value": "b"}, {"Name": "A", "Value": "c"}])],
        INVALID,
        "CUSTOM_RESPONSE",
    ),
    "a header that is no text": (
        [block(ResponseHeaders=[{"Name": "a", "Value": "b\x01"}])],
        INVALID,
        "CUSTOM_RESPONSE",
    ),
    "too many headers": (
        [block(ResponseHeaders=[{"Name": f"a{n}", "Value": "b"} for n in range(11)])],
        LIMITS,
        None,
    ),
    "an IP set that is none": (
        only({"IPSetReferenceStatement": {"ARN": f"{HEAD}regexpatternset/a/{MISSING}"}}),
        INVALID,
        "IP_SET_REFERENCE_STATEMENT",
    ),
    "an IP set of CloudFront": (
        only({"IPSetReferenceStatement": {"ARN": f"{HEAD}ipset/a/{MISSING}".replace("regional", "global")}}),
        INVALID,
        "IP_SET_REFERENCE_STATEMENT",
    ),
    "an IP set that is not there": (
        only({"IPSetReferenceStatement": {"ARN": f"{HEAD}ipset/a/{MISSING}"}}),
        ABSENT,
        None,
    ),
    "a regex pattern set that is not there": (
        only(
            {
                "RegexPatternSetReferenceStatement": {
                    "ARN": f"{HEAD}regexpatternset/a/{MISSING}",
                    "FieldToMatch": {"UriPath": {}},
                    "TextTransformations": NOTHING,
                }
            }
        ),
        ABSENT,
        None,
    ),
    "a rule group that is not there": (
        [rule("a", 1, group_reference(f"{HEAD}rulegroup/a/{MISSING}"), **NONE)],
        ABSENT,
        None,
    ),
    "a rule group that is no ARN": (
        [rule("a", 1, group_reference("rulegroup/of/nowhere"), **NONE)],
        INVALID,
        "RULE_GROUP_REFERENCE_STATEMENT",
    ),
    "a managed group that is not there": ([managed(Name="AWSManagedRulesOfNobody")], ABSENT, None),
    "a version that is not there": ([managed(Version="Version_99.0")], ABSENT, None),
    "a group of the marketplace": ([managed(VendorName="Bakers")], UNSUBSCRIBED, None),
    "a group that AWS has": ([managed(Name="AWSManagedRulesATPRuleSet")], UNSUBSCRIBED, None),
    "a configuration of a group that takes none": (
        [managed(ManagedRuleGroupConfigs=[{"LoginPath": "/login"}])],
        INVALID,
        "MANAGED_RULE_GROUP_CONFIG",
    ),
    "an excluded rule that is not there": (
        [managed(ExcludedRules=[{"Name": "None"}])],
        INVALID,
        "EXCLUDED_RULE",
    ),
    "a header inserted by an override action": (
        [
            {
                **managed(),
                "OverrideAction": {
                    "Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "a", "Value": "b"}]}}
                },
            }
        ],
        INVALID,
        "CUSTOM_REQUEST_HANDLING",
    ),
    "two overrides of a rule": (
        [
            managed(
                RuleActionOverrides=[
                    {"Name": "NoUserAgent_HEADER", "ActionToUse": action}
                    for action in ({"Count": {}}, {"Allow": {}})
                ]
            )
        ],
        INVALID,
        "RULE_ACTION",
    ),
    "an overridden rule that is not there": (
        [managed(RuleActionOverrides=[{"Name": "None", "ActionToUse": {"Count": {}}}])],
        INVALID,
        "EXCLUDED_RULE",
    ),
    "an override of two actions": (
        [
            managed(
                RuleActionOverrides=[
                    {"Name": "NoUserAgent_HEADER", "ActionToUse": {"Count": {}, "Block": {}}}
                ]
            )
        ],
        INVALID,
        "RULE_ACTION",
    ),
}
"""Rules, the code that they are refused with, and the field if it is about one."""
