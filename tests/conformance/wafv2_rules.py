"""Rules of every sort: in web ACLs and rule groups, with the sets that they refer to."""

from typing import Any

VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": False, "MetricName": "shop"}
NOTHING: list[dict[str, Any]] = [{"Priority": 0, "Type": "NONE"}]
SCOPE = {"Scope": "REGIONAL"}


def rule(name: str, priority: int, statement: dict[str, Any], **further: Any) -> dict[str, Any]:
    """A rule that blocks, unless it says something else."""
    action = {} if "OverrideAction" in further else {"Action": {"Block": {}}}
    return {
        "Name": name,
        "Priority": priority,
        "Statement": statement,
        "VisibilityConfig": {**VISIBILITY, "MetricName": name},
        **action,
        **further,
    }


def contains(text: bytes, **field: Any) -> dict[str, Any]:
    """A byte match statement."""
    return {
        "ByteMatchStatement": {
            "SearchString": text,
            "FieldToMatch": field or {"UriPath": {}},
            "TextTransformations": NOTHING,
            "PositionalConstraint": "CONTAINS",
        }
    }


def regex(expression: str, **field: Any) -> dict[str, Any]:
    """A regex match statement."""
    return {
        "RegexMatchStatement": {
            "RegexString": expression,
            "FieldToMatch": field or {"UriPath": {}},
            "TextTransformations": NOTHING,
        }
    }


def pages(client: Any, operation: str, member: str, **arguments: Any) -> list[Any]:
    """All items of a listing, one by one."""
    found: list[Any] = []
    marker: dict[str, Any] = {}
    while True:
        answer = getattr(client, operation)(**arguments, Limit=1, **marker)
        assert len(answer[member]) <= 1
        found += answer[member]
        if "NextMarker" not in answer:
            return found
        marker = {"NextMarker": answer["NextMarker"]}


def sets(waf: Any) -> tuple[str, str]:
    """The ARNs of an IP set and a regex pattern set, after others came and went."""
    arns = []
    for name in ("partners", "strangers"):
        made = waf.create_ip_set(
            Name=name,
            IPAddressVersion="IPV4",
            Addresses=["192.0.2.0/24"],
            Description="some of them",
            **SCOPE,
        )["Summary"]
        found = waf.get_ip_set(Name=name, Id=made["Id"], **SCOPE)
        assert found["IPSet"]["Addresses"] == ["192.0.2.0/24"]
        token = waf.update_ip_set(
            Name=name, Id=made["Id"], LockToken=found["LockToken"], Addresses=["198.51.100.1/32"], **SCOPE
        )["NextLockToken"]
        if name == "strangers":
            waf.delete_ip_set(Name=name, Id=made["Id"], LockToken=token, **SCOPE)
        else:
            waf.create_ip_set(Name="more", IPAddressVersion="IPV6", Addresses=["2001:db8::/32"], **SCOPE)
            assert [one["Name"] for one in pages(waf, "list_ip_sets", "IPSets", **SCOPE)] == ["more", name]
            arns.append(made["ARN"])
    for name in ("paths", "rest"):
        made = waf.create_regex_pattern_set(
            Name=name, RegularExpressionList=[{"RegexString": "^/admin"}], **SCOPE
        )["Summary"]
        found = waf.get_regex_pattern_set(Name=name, Id=made["Id"], **SCOPE)
        assert found["RegexPatternSet"]["RegularExpressionList"] == [{"RegexString": "^/admin"}]
        token = waf.update_regex_pattern_set(
            Name=name, Id=made["Id"], LockToken=made["LockToken"], RegularExpressionList=[], **SCOPE
        )["NextLockToken"]
        if name == "rest":
            assert len(pages(waf, "list_regex_pattern_sets", "RegexPatternSets", **SCOPE)) == 2
            waf.delete_regex_pattern_set(Name=name, Id=made["Id"], LockToken=token, **SCOPE)
        else:
            arns.append(made["ARN"])
    return arns[0], arns[1]


def statements(ip_set: str, patterns: str) -> list[dict[str, Any]]:
    """One of every statement that may stand in a rule group."""
    inspected = {"FieldToMatch": {"QueryString": {}}, "TextTransformations": NOTHING}
    config = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "NO_MATCH"}
    custom_keys = [
        {"Header": {"Name": "User-Agent", "TextTransformations": NOTHING}},
        {"IP": {}},
    ]
    return [
        contains(b"\xffevil", Headers={
            "MatchPattern": {"IncludedHeaders": ["Referer"]}, "MatchScope": "VALUE",
            "OversizeHandling": "CONTINUE",
        }),
        regex("^/private/[0-9]+$", JsonBody={
            "MatchPattern": {"IncludedPaths": ["/order/id"]}, "MatchScope": "ALL",
            "InvalidFallbackBehavior": "MATCH", "OversizeHandling": "MATCH",
        }),
        {"SqliMatchStatement": {**inspected, "SensitivityLevel": "LOW"}},
        {"XssMatchStatement": inspected},
        {"SizeConstraintStatement": {**inspected, "ComparisonOperator": "GT", "Size": 1000}},
        {"GeoMatchStatement": {"CountryCodes": ["JP", "NZ"], "ForwardedIPConfig": config}},
        {"AsnMatchStatement": {"AsnList": [64496]}},
        {"IPSetReferenceStatement": {
            "ARN": ip_set, "IPSetForwardedIPConfig": {**config, "Position": "ANY"},
        }},
        {"RegexPatternSetReferenceStatement": {"ARN": patterns, **inspected}},
        {"LabelMatchStatement": {"Scope": "NAMESPACE", "Key": "shop:"}},
        {"AndStatement": {"Statements": [contains(b"a"), {"NotStatement": {"Statement": contains(b"b")}}]}},
        {"OrStatement": {"Statements": [contains(b"a"), contains(b"b", Method={})]}},
        {"RateBasedStatement": {
            "Limit": 100, "EvaluationWindowSec": 300, "AggregateKeyType": "IP",
            "ScopeDownStatement": contains(b"/login"),
        }},
        {"RateBasedStatement": {
            "Limit": 10, "EvaluationWindowSec": 60, "AggregateKeyType": "CUSTOM_KEYS",
            "CustomKeys": custom_keys,
        }},
    ]  # fmt: skip


def rule_groups(waf: Any, ip_set: str, patterns: str) -> str:
    """The ARN of a rule group with every statement, which comes back as it was given."""
    rules = [
        rule(f"rule-{number}", number, statement, RuleLabels=[{"Name": f"shop:{number}"}])
        for number, statement in enumerate(statements(ip_set, patterns))
    ]
    capacity = waf.check_capacity(Rules=rules, **SCOPE)["Capacity"]
    made = waf.create_rule_group(
        Name="everything", Capacity=capacity, Rules=rules, VisibilityConfig=VISIBILITY, **SCOPE
    )["Summary"]
    found = waf.get_rule_group(ARN=made["ARN"])
    assert found["RuleGroup"]["Rules"] == rules
    assert len(found["RuleGroup"]["AvailableLabels"]) == len(rules)
    spare = waf.create_rule_group(Name="spare", Capacity=10, VisibilityConfig=VISIBILITY, **SCOPE)["Summary"]
    assert len(pages(waf, "list_rule_groups", "RuleGroups", **SCOPE)) == 2
    spared = {"Name": "spare", "Id": spare["Id"], **SCOPE}
    token = waf.update_rule_group(
        **spared,
        LockToken=spare["LockToken"],
        Rules=[rule("one", 1, contains(b"a"))],
        VisibilityConfig=VISIBILITY,
    )["NextLockToken"]
    policy = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},'
        '"Action":["wafv2:CreateWebACL","wafv2:UpdateWebACL","wafv2:PutFirewallManagerRuleGroups"]}]}'
    )
    waf.put_permission_policy(ResourceArn=spare["ARN"], Policy=policy)
    assert waf.get_permission_policy(ResourceArn=spare["ARN"])["Policy"] == policy
    waf.delete_permission_policy(ResourceArn=spare["ARN"])
    waf.delete_rule_group(**spared, LockToken=token)
    return str(made["ARN"])
