"""A record of AWS WAF's log.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/logging-fields.html
"""

from typing import Any, Final

from masugata.edge.observing.seen import Seen, header, status_sent, text
from masugata.engines.waf.decision import RuleMatch
from masugata.engines.waf.definitions import Rule, Ruleset
from masugata.engines.waf.environment import TokenState

_DETAILED: Final = frozenset({"SQL_INJECTION", "XSS"})


def log_record(seen: Seen, ruleset: Ruleset, edge: str, country: str | None) -> dict[str, Any]:
    """What AWS logs of a request; `edge` is the ARN of the edge."""
    request, decision = seen.request, seen.decision
    rules = {rule.name: rule for rule in ruleset.web_acl.rules}
    ended = decision.terminating
    direct = [match for match in decision.counted if match.group is None]
    record: dict[str, Any] = {
        "timestamp": int(seen.time * 1000),
        "formatVersion": 1,
        "webaclId": ruleset.web_acl.arn,
        "terminatingRuleId": "Default_Action" if ended is None else ended.rule,
        "terminatingRuleType": "REGULAR" if ended is None else _type(rules.get(ended.rule)),
        "action": decision.action,
        "terminatingRuleMatchDetails": [] if ended is None else _details(ended),
        "httpSourceName": "ALB",
        "httpSourceId": edge.partition(":loadbalancer/")[2] or edge,
        "ruleGroupList": _groups(decision.counted, ended),
        "rateBasedRuleList": _rates((*decision.counted, *([] if ended is None else [ended])), rules),
        "nonTerminatingMatchingRules": [_matching(match) for match in direct],
        "requestHeadersInserted": [
            {"name": name, "value": value} for name, value in decision.inserted_headers
        ],
        "responseCodeSent": status_sent(decision),
        "httpRequest": request_of(seen, country),
        "labels": [{"name": label} for label in decision.labels],
        "requestBodySize": request.body_size or 0,
        "requestBodySizeInspectedByWAF": min(seen.inspected_body, ruleset.body_limit),
    }
    further = {
        "oversizeFields": list(decision.oversize),
        "ja3Fingerprint": request.ja3,
        "ja4Fingerprint": request.ja4,
    } | _tokens((*decision.counted, *([] if ended is None else [ended])))
    return record | {name: value for name, value in further.items() if value}


def request_of(seen: Seen, country: str | None) -> dict[str, Any]:
    """The request as the log has it."""
    request = seen.request
    return {
        "clientIp": request.source_ip,
        "country": country or "-",
        "headers": [{"name": text(name), "value": text(value)} for name, value in request.headers],
        "uri": text(request.uri_path),
        "args": text(request.query_string),
        "httpVersion": "HTTP/" + text(request.http_version),
        "httpMethod": text(request.method),
        "requestId": header(request, b"x-amzn-trace-id"),
        "fragment": text(request.fragment or b""),
        "scheme": request.scheme,
        "host": header(request, b"host") or "",
    }


def _type(rule: Rule | None) -> str:
    if rule is None:
        return "REGULAR"
    statement = rule.statement
    if statement.managed_rule_group_statement is not None:
        return "MANAGED_RULE_GROUP"
    if statement.rule_group_reference_statement is not None:
        return "GROUP"
    return "RATE_BASED" if statement.rate_based_statement is not None else "REGULAR"


def _details(match: RuleMatch) -> list[dict[str, Any]]:
    """AWS gives them for two kinds of attacks only."""
    return [
        {
            "conditionType": detail.condition,
            "sensitivityLevel": detail.sensitivity or "LOW",
            "location": detail.location,
            "matchedData": list(detail.matched_data),
        }
        for detail in match.details
        if detail.condition in _DETAILED
    ]


def _matching(match: RuleMatch) -> dict[str, Any]:
    found = {
        "ruleId": match.rule_in_group or match.rule,
        "action": match.action,
        "ruleMatchDetails": _details(match),
    }
    return found | ({"overriddenAction": match.overridden} if match.overridden else {})


def _groups(counted: tuple[RuleMatch, ...], ended: RuleMatch | None) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def group(name: str) -> dict[str, Any]:
        empty: dict[str, Any] = {
            "terminatingRule": None,
            "nonTerminatingMatchingRules": [],
            "excludedRules": None,
        }
        return found.setdefault(name, {"ruleGroupId": name, **empty})

    for match in counted:
        if match.group is not None:
            group(match.group)["nonTerminatingMatchingRules"].append(_matching(match))
    if ended is not None and ended.group is not None:
        group(ended.group)["terminatingRule"] = _matching(ended)
    return list(found.values())


def _rates(matches: tuple[RuleMatch, ...], rules: dict[str, Rule]) -> list[dict[str, Any]]:
    found = []
    for match in matches:
        rule = rules.get(match.rule)
        statement = rule.statement.rate_based_statement if rule is not None else None
        if statement is not None and match.group is None:
            values = [value for detail in match.details for value in detail.matched_data]
            found.append(
                {
                    "rateBasedRuleId": "",
                    "rateBasedRuleName": match.rule,
                    "limitKey": statement.aggregate_key_type,
                    "maxRateAllowed": statement.limit,
                    "evaluationWindowSec": str(statement.evaluation_window_sec),
                    "limitValue": values[0] if values else "",
                }
            )
    return found


def _tokens(matches: tuple[RuleMatch, ...]) -> dict[str, Any]:
    """What CAPTCHA and Challenge found."""
    found: dict[str, Any] = {}
    for match in matches:
        action = match.overridden or match.action
        if match.token is not None and action in _CODES:
            state: TokenState = match.token
            passed = state == "VALID"
            reason = {} if passed else {"failureReason": state}
            found[f"{action.lower()}Response"] = {"responseCode": 0 if passed else _CODES[action], **reason}
    return found


_CODES: Final = {"CAPTCHA": 405, "CHALLENGE": 202}
