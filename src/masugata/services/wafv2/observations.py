"""Operations on what edges have seen: samples of requests, and the addresses that are held back."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.engines.waf.definitions import RateBasedStatement, Rule
from masugata.errors import AwsError
from masugata.records.wafv2 import (
    MOST_ADDRESSES,
    RATES,
    SAMPLES,
    WEB_ACL_PATH,
    RuleGroup,
    SampledRequest,
    Samples,
    WebACL,
    parse_waf_arn,
)
from masugata.services.wafv2._entities import WEB_ACLS, arn, find, find_named, find_own, scope_of
from masugata.services.wafv2._errors import INVALID_SCOPE, invalid, nonexistent

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_WINDOW: Final = timedelta(hours=3)
_RECENT: Final = timedelta(minutes=2)
"""A worker notes more often; what is older is of one that is gone."""
_COUNTED: Final = frozenset({"IP", "FORWARDED_IP"})


def get_sampled_requests(call: Call, request: "shapes.GetSampledRequestsRequest") -> dict[str, Any]:
    """Samples of the requests that a rule matched within the last three hours, the newest first.

    Raises WAFNonexistentItemException and WAFInvalidParameterException.
    """
    scope = scope_of(call, request)
    name, web_acl = find_own(call, request["WebAclArn"], WEB_ACL_PATH)
    if name.scope != scope:
        raise invalid("SCOPE_VALUE", scope, INVALID_SCOPE)
    metric = request["RuleMetricName"]
    if metric not in _metrics(call, web_acl):
        raise nonexistent(f"the metric {metric} of {name}")
    window = request["TimeWindow"]
    start, end = max(window["StartTime"], call.now - _WINDOW), min(window["EndTime"], call.now)
    if window["StartTime"] >= window["EndTime"] or start > end:
        raise invalid(
            "RULE", "TimeWindow", "A time window begins within the last three hours, and then ends."
        )
    notes = call.store.touched_under(SAMPLES.prefix(str(name), metric)).values()
    overlapping = [samples for body in notes if _overlap(samples := SAMPLES.decode(body), start, end)]
    seen = [one for samples in overlapping for one in samples.requests if start <= one.time <= end]
    seen.sort(key=lambda one: one.time, reverse=True)
    return {
        "SampledRequests": [_sample(one) for one in seen[: request["MaxItems"]]],
        "PopulationSize": sum(samples.population for samples in overlapping),
        "TimeWindow": {"StartTime": start, "EndTime": end},
    }


def _overlap(samples: Samples, start: Any, end: Any) -> bool:
    return bool(samples.since <= end and samples.until >= start)


def _metrics(call: Call, web_acl: WebACL) -> set[str]:
    """The names of the metrics of a web ACL, its rules, and the rules of its own rule groups."""
    found = {web_acl.visibility_config.metric_name}
    for rule in web_acl.rules:
        found.add(rule.visibility_config.metric_name)
        found |= {inner.visibility_config.metric_name for inner in _members(call, rule)}
    return found


def _members(call: Call, rule: Rule) -> Iterable[Rule]:
    """The rules of the rule group that a rule refers to, if it is one's own."""
    reference = rule.statement.rule_group_reference_statement
    name = None if reference is None else parse_waf_arn(reference.arn)
    if name is None:
        return ()
    group: RuleGroup = find_named(call, name)
    return group.rules


def _sample(one: SampledRequest) -> dict[str, Any]:
    found = {
        "Request": {
            "ClientIP": one.client_ip,
            "Country": one.country,
            "URI": one.uri,
            "Method": one.method,
            "HTTPVersion": one.http_version,
            "Headers": _headers(one.headers),
        },
        "Weight": one.weight,
        "Timestamp": one.time,
        "Action": one.action,
    }
    further = {
        "RuleNameWithinRuleGroup": one.rule_within_group,
        "RequestHeadersInserted": _headers(one.inserted_headers),
        "ResponseCodeSent": one.response_code,
        "Labels": [{"Name": label} for label in one.labels],
        "OverriddenAction": one.overridden,
    }
    return found | {member: value for member, value in further.items() if value}


def _headers(headers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in headers]


def get_rate_based_statement_managed_keys(
    call: Call, request: "shapes.GetRateBasedStatementManagedKeysRequest"
) -> dict[str, Any]:
    """The addresses that a rate-based rule limits just now.

    Raises WAFNonexistentItemException and WAFUnsupportedAggregateKeyTypeException.
    """
    named = {
        "Name": request["WebACLName"],
        "Id": request["WebACLId"],
        "Scope": request["Scope"],
    }
    web_acl: WebACL = find(call, WEB_ACLS, named)
    outer = request.get("RuleGroupRuleName")
    names = [request["RuleName"]] if outer is None else [outer, request["RuleName"]]
    rules: Iterable[Rule] = web_acl.rules
    if outer is not None:
        rules = [inner for rule in rules if rule.name == outer for inner in _members(call, rule)]
    statement = next((rule.statement.rate_based_statement for rule in rules if rule.name == names[-1]), None)
    _check_counted(statement, "/".join(names))
    own = arn(call, WEB_ACLS, web_acl)
    notes = [RATES.decode(body) for body in call.store.touched_under(RATES.prefix(own, *names)).values()]
    recent = [note for note in notes if note.time >= call.now - _RECENT]
    ipv4 = sorted({address for note in recent for address in note.ipv4})
    ipv6 = sorted({address for note in recent for address in note.ipv6})
    return {
        "ManagedKeysIPV4": {"IPAddressVersion": "IPV4", "Addresses": ipv4[:MOST_ADDRESSES]},
        "ManagedKeysIPV6": {"IPAddressVersion": "IPV6", "Addresses": ipv6[:MOST_ADDRESSES]},
    }


def _check_counted(statement: RateBasedStatement | None, name: str) -> None:
    if statement is None:
        raise nonexistent(f"the rate-based rule {name}")
    if statement.aggregate_key_type not in _COUNTED:
        raise AwsError(
            "WAFUnsupportedAggregateKeyTypeException",
            "The rule that you've named doesn't aggregate solely on the IP address or solely on the "
            f"forwarded IP address. ({name})",
            400,
        )
