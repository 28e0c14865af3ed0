"""What edges have seen, as boto3 sees it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from masugata.records.wafv2 import RATES, SAMPLES, LimitedAddresses, SampledRequest, Samples
from masugata.testing import LocalAws
from unit.services.wafv2.using_waf import (
    SCOPE,
    VISIBILITY,
    contains,
    error,
    named,
    refusal,
    rule,
    rule_group,
    web_acl,
)

RATE = {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}}
KEYED = {"RateBasedStatement": {
    "Limit": 100, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [{"HTTPMethod": {}}],
}}  # fmt: skip


def sample(time: datetime, **fields: Any) -> SampledRequest:
    """A blocked request."""
    return SampledRequest(
        time=time,
        client_ip="192.0.2.1",
        country="JP",
        method="GET",
        uri="/admin",
        http_version="HTTP/1.1",
        headers=(("Host", "shop.example.com"),),
        action="BLOCK",
        response_code=403,
        **fields,
    )


def note(aws: LocalAws, acl: str, metric: str, worker: str, samples: Samples) -> None:
    """Note what a worker saw, as an edge does."""
    aws._installation.store.touch(SAMPLES.key(acl, metric, worker=worker), SAMPLES.encode(samples))


def sampled(waf: Any, acl: str, metric: str, start: datetime, end: datetime, **more: Any) -> Any:
    """The sampled requests of a metric."""
    window = {"StartTime": start, "EndTime": end}
    request = {"WebAclArn": acl, "RuleMetricName": metric, "TimeWindow": window, "MaxItems": 10, **SCOPE}
    return waf.get_sampled_requests(**{**request, **more})


def test_samples_of_all_workers(aws: LocalAws, waf: Any) -> None:
    """The newest first, within the window, and how many requests there were."""
    acl = web_acl(waf, rule("evil", 1, contains(b"evil")))["ARN"]
    now = datetime.now(UTC).replace(microsecond=0)
    times = [now - timedelta(minutes=minutes) for minutes in (1, 2, 3, 30)]
    further: dict[str, Any] = {
        "labels": ("awswaf:a:b",),
        "inserted_headers": (("x-amzn-waf-a", "b"),),
        "overridden": "COUNT",
        "rule_within_group": "AWS#a",
    }
    first = (sample(times[0], **further), sample(times[2]))
    note(aws, acl, "evil", "1", Samples(since=times[2], until=now, population=40, requests=first))
    note(
        aws, acl, "evil", "2", Samples(since=times[1], until=now, population=2, requests=(sample(times[1]),))
    )
    old = Samples(since=times[3], until=times[3], population=7, requests=(sample(times[3]),))
    note(aws, acl, "evil", "3", old)
    note(aws, acl, "evil-2", "1", old)
    answer = sampled(waf, acl, "evil", now - timedelta(minutes=10), now)
    assert [one["Timestamp"] for one in answer["SampledRequests"]] == times[:3]
    assert answer["PopulationSize"] == 42
    assert answer["SampledRequests"][0] == {
        "Request": {
            "ClientIP": "192.0.2.1",
            "Country": "JP",
            "URI": "/admin",
            "Method": "GET",
            "HTTPVersion": "HTTP/1.1",
            "Headers": [{"Name": "Host", "Value": "shop.example.com"}],
        },
        "Weight": 1,
        "Timestamp": times[0],
        "Action": "BLOCK",
        "RuleNameWithinRuleGroup": "AWS#a",
        "RequestHeadersInserted": [{"Name": "x-amzn-waf-a", "Value": "b"}],
        "ResponseCodeSent": 403,
        "Labels": [{"Name": "awswaf:a:b"}],
        "OverriddenAction": "COUNT",
    }
    fewer = sampled(waf, acl, "evil", now - timedelta(minutes=10), now, MaxItems=1)
    assert len(fewer["SampledRequests"]) == 1
    assert sampled(waf, acl, "shop", now - timedelta(minutes=10), now)["SampledRequests"] == []


def test_a_metric_whose_name_begins_with_another(aws: LocalAws, waf: Any) -> None:
    """Names may have slashes, and samples are of one metric."""
    names = ("shop", "shop/evil", "shop/evil/1")
    rules = [
        rule(f"r{n}", n, contains(b"evil"), VisibilityConfig={**VISIBILITY, "MetricName": name})
        for n, name in enumerate(names)
    ]
    acl = web_acl(waf, *rules)["ARN"]
    now = datetime.now(UTC).replace(microsecond=0)
    for population, name in enumerate(names, 1):
        seen = Samples(since=now, until=now, population=population, requests=(sample(now),))
        note(aws, acl, name, "1", seen)
    for population, name in enumerate(names, 1):
        answer = sampled(waf, acl, name, now - timedelta(minutes=1), now + timedelta(minutes=1))
        assert answer["PopulationSize"] == population


def test_windows(waf: Any) -> None:
    """They begin within the last three hours, and end."""
    acl = web_acl(waf)["ARN"]
    now = datetime.now(UTC).replace(microsecond=0)
    hour = timedelta(hours=1)
    answer = sampled(waf, acl, "shop", now - 5 * hour, now)["TimeWindow"]
    assert now - 3 * hour <= answer["StartTime"] <= now - 3 * hour + timedelta(minutes=1)
    for start, end in (
        (now, now),
        (now, now - hour),
        (now - 9 * hour, now - 8 * hour),
        (now + hour, now + 2 * hour),
    ):
        assert error(sampled, waf, acl, "shop", start, end) == "WAFInvalidParameterException"


def test_metrics_that_are_not_there(waf: Any) -> None:
    """Those of the web ACL, of its rules and of the rules of its rule groups are."""
    group = rule_group(waf, rule("inner", 1, contains(b"x")))
    reference = {"RuleGroupReferenceStatement": {"ARN": group["ARN"]}}
    acl = web_acl(waf, rule("outer", 1, reference, OverrideAction={"None": {}}))["ARN"]
    now = datetime.now(UTC)
    for metric in ("shop", "outer", "inner"):
        sampled(waf, acl, metric, now - timedelta(hours=1), now)
    assert error(sampled, waf, acl, "other", now - timedelta(hours=1), now) == "WAFNonexistentItemException"
    answer = refusal(sampled, waf, acl, "shop", now - timedelta(hours=1), now, Scope="CLOUDFRONT")
    assert answer["Field"] == "SCOPE_VALUE"


def keys(waf: Any, acl: dict[str, Any], *names: str) -> Any:
    """The managed keys of a rule, or of one in the rule group of a rule."""
    group = {"RuleGroupRuleName": names[0]} if len(names) > 1 else {}
    return waf.get_rate_based_statement_managed_keys(
        WebACLName=acl["Name"], WebACLId=acl["Id"], RuleName=names[-1], **group, **SCOPE
    )


def test_addresses_that_are_held_back(aws: LocalAws, waf: Any) -> None:
    """Those of all workers that are alive, of the rule that is named."""
    group = rule_group(waf, rule("often", 1, RATE))
    reference = {"RuleGroupReferenceStatement": {"ARN": group["ARN"]}}
    acl = web_acl(waf, rule("often", 1, RATE), rule("group", 2, reference, OverrideAction={"None": {}}))
    store, now = aws._installation.store, datetime.now(UTC)
    for worker, note in {
        "1": LimitedAddresses(time=now, ipv4=("192.0.2.1/32",), ipv6=("2001:db8::/64",)),
        "2": LimitedAddresses(time=now, ipv4=("192.0.2.1/32", "192.0.2.9/32")),
        "3": LimitedAddresses(time=now - timedelta(minutes=5), ipv4=("192.0.2.3/32",)),
    }.items():
        store.touch(RATES.key(acl["ARN"], "often", worker=worker), RATES.encode(note))
    inner = LimitedAddresses(time=now, ipv4=("198.51.100.1/32",))
    store.touch(RATES.key(acl["ARN"], "group", "often", worker="1"), RATES.encode(inner))
    found = keys(waf, acl, "often")
    assert found["ManagedKeysIPV4"] == {
        "IPAddressVersion": "IPV4",
        "Addresses": ["192.0.2.1/32", "192.0.2.9/32"],
    }
    assert found["ManagedKeysIPV6"]["Addresses"] == ["2001:db8::/64"]
    assert keys(waf, acl, "group", "often")["ManagedKeysIPV4"]["Addresses"] == ["198.51.100.1/32"]
    waf.delete_web_acl(**named(acl), LockToken=acl["LockToken"])
    assert store.touched_under(RATES.prefix(acl["ARN"])) == {}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("keyed",), "WAFUnsupportedAggregateKeyTypeException"),
        (("plain",), "WAFNonexistentItemException"),
        (("none",), "WAFNonexistentItemException"),
        (("plain", "often"), "WAFNonexistentItemException"),
    ],
)
def test_rules_without_addresses(waf: Any, names: tuple[str, ...], code: str) -> None:
    """Rates by other keys, rules that are no rates, and rules that are not there."""
    acl = web_acl(waf, rule("keyed", 1, KEYED), rule("plain", 2, contains(b"x")))
    assert error(keys, waf, acl, *names) == code
