"""Web ACLs, requests and a world around them, said shortly."""

import base64
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from masugata.engines.waf.decision import Decision
from masugata.engines.waf.definitions import RuleGroup, Ruleset, Statement, WebACL
from masugata.engines.waf.detectors import Detector, Evidence, Place
from masugata.engines.waf.environment import Environment, Location, TokenState
from masugata.engines.waf.managed import ManagedGroups
from masugata.engines.waf.matching import Engine, NoDatabases
from masugata.engines.waf.plan import Plan, compile_plan
from masugata.engines.waf.request import WebRequest

Json = dict[str, Any]

NOW = datetime(2026, 11, 27, tzinfo=UTC)
VISIBILITY: Json = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
ACL_ARN = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/1"
GROUP_ARN = "arn:aws:wafv2:eu-central-1:111122223333:regional/rulegroup/own/1"
PATH: Json = {"UriPath": {}}


def header(name: str) -> Json:
    """The field of this header."""
    return {"SingleHeader": {"Name": name}}


def inspected(field: Json, *steps: str) -> Json:
    """What statements about text have in common."""
    found = steps or ("NONE",)
    return {
        "FieldToMatch": field,
        "TextTransformations": [{"Priority": n, "Type": step} for n, step in enumerate(found)],
    }


def byte_match(text: bytes, position: str = "CONTAINS", field: Json = PATH, *steps: str) -> Json:
    """A ByteMatchStatement."""
    said = {"SearchString": base64.b64encode(text).decode(), "PositionalConstraint": position}
    return {"ByteMatchStatement": said | inspected(field, *steps)}


def regex_match(expression: str, field: Json = PATH, *steps: str) -> Json:
    """A RegexMatchStatement."""
    return {"RegexMatchStatement": {"RegexString": expression} | inspected(field, *steps)}


def label_match(key: str, scope: str = "LABEL") -> Json:
    """A LabelMatchStatement."""
    return {"LabelMatchStatement": {"Scope": scope, "Key": key}}


def all_of(*statements: Json) -> Json:
    """An AndStatement."""
    return {"AndStatement": {"Statements": list(statements)}}


def any_of(*statements: Json) -> Json:
    """An OrStatement."""
    return {"OrStatement": {"Statements": list(statements)}}


def negated(statement: Json) -> Json:
    """A NotStatement."""
    return {"NotStatement": {"Statement": statement}}


def rule(
    name: str, priority: int, statement: Json, action: str | Json = "Block", *labels: str, **more: Any
) -> Json:
    """A rule; `action` may be the name of one without settings."""
    said = {action: {}} if isinstance(action, str) else action
    return {
        "Name": name,
        "Priority": priority,
        "Statement": statement,
        "Action": said,
        "RuleLabels": [{"Name": label} for label in labels],
        "VisibilityConfig": VISIBILITY,
    } | more


def group_rule(name: str, priority: int, statement: Json, override: str | Json = "None", **more: Any) -> Json:
    """A rule that refers to a rule group."""
    said = {override: {}} if isinstance(override, str) else override
    found = rule(name, priority, statement, **more) | {"OverrideAction": said}
    del found["Action"]
    return found


def own_group(**more: Any) -> Json:
    """A RuleGroupReferenceStatement of the one group that there is."""
    return {"RuleGroupReferenceStatement": {"ARN": GROUP_ARN} | more}


def managed_group(name: str, **more: Any) -> Json:
    """A ManagedRuleGroupStatement of AWS's."""
    return {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name} | more}


def ruleset(
    *rules: Json,
    default: str | Json = "Allow",
    group: tuple[Json, ...] | None = None,
    bodies: Json | None = None,
    group_bodies: Json | None = None,
    ip_sets: Mapping[str, tuple[str, ...]] | None = None,
    regex_pattern_sets: Mapping[str, tuple[str, ...]] | None = None,
    body_limit: int = 8192,
    **more: Any,
) -> Ruleset:
    """A web ACL called shop, and a rule group called own if its rules are given."""
    acl = {
        "Name": "shop",
        "ARN": ACL_ARN,
        "LabelNamespace": "awswaf:111122223333:webacl:shop:",
        "DefaultAction": {default: {}} if isinstance(default, str) else default,
        "VisibilityConfig": VISIBILITY,
        "Rules": list(rules),
        "CustomResponseBodies": bodies or {},
    } | more
    groups: dict[str, RuleGroup] = {}
    if group is not None:
        own = {
            "Name": "own",
            "ARN": GROUP_ARN,
            "LabelNamespace": "awswaf:111122223333:rulegroup:own:",
            "Rules": list(group),
            "CustomResponseBodies": group_bodies or {},
        }
        groups[GROUP_ARN] = msgspec.json.decode(msgspec.json.encode(own), type=RuleGroup)
    return Ruleset(
        web_acl=msgspec.json.decode(msgspec.json.encode(acl), type=WebACL),
        rule_groups=groups,
        ip_sets=ip_sets or {},
        regex_pattern_sets=regex_pattern_sets or {},
        body_limit=body_limit,
    )


def statement(said: Json) -> Statement:
    """A statement from AWS's JSON."""
    return msgspec.json.decode(msgspec.json.encode(said), type=Statement)


def get(path: str = "/", *headers: tuple[bytes, bytes], **more: Any) -> WebRequest:
    """A request; what follows `?` is its query string."""
    before, _, query = path.partition("?")
    said = {"method": b"GET", "uri_path": before.encode(), "query_string": query.encode()}
    return WebRequest(**said | {"headers": headers} | more)


class World:
    """Locations, Rates and Tokens in one: addresses of 192.0.2.0/24 are German, and no other is known.

    `tokens` are the states of tokens by their bytes; what is asked about is kept in `asked`.
    """

    def __init__(self, tokens: Mapping[bytes | None, TokenState] | None = None) -> None:
        """Nothing is counted yet."""
        self.tokens = tokens or {}
        self.counts: Counter[tuple[str, bytes]] = Counter()
        self.windows: set[tuple[int, int]] = set()
        self.asked: list[tuple[str, int, bytes]] = []
        self.environment = Environment(self, self, self)

    def locate(self, address: str) -> Location:
        """By the prefix."""
        return Location("DE", "DE-BE", 64500) if address.startswith("192.0.2.") else Location()

    def count(self, rule: str, key: bytes, window: int, limit: int) -> int:
        """All since it was made."""
        self.windows.add((window, limit))
        self.counts[rule, key] += 1
        return self.counts[rule, key]

    def state(
        self, token: bytes | None, purpose: Literal["CHALLENGE", "CAPTCHA"], immunity: int, host: bytes
    ) -> TokenState:
        """As was said."""
        self.asked.append((purpose, immunity, host))
        return self.tokens.get(token, "TOKEN_MISSING" if token is None else "TOKEN_INVALID")

    def identity(self, token: bytes | None) -> str | None:
        """Of nobody."""
        return None if token is None else token.decode()


class Kept:
    """Databases in memory, for tests that compile the same patterns again and again."""

    def __init__(self) -> None:
        """None yet."""
        self._known: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """What was put."""
        return self._known.get(key)

    def put(self, key: str, database: bytes) -> None:
        """Keep it."""
        self._known[key] = database


class WordDetector:
    """Finds a word, with a score for each place; counts how often it was asked."""

    def __init__(self, word: bytes, score: int = 100, family: str = "word") -> None:
        """Lower case."""
        self.word = word
        self.score = score
        self.family = family
        self.hints = (word.decode(),)
        self.asked = 0

    def detect(self, value: bytes, place: Place) -> Evidence | None:  # noqa: ARG002 - the protocol's
        """Where it is."""
        self.asked += 1
        if self.word not in value.lower():
            return None
        return Evidence(self.family, "the word", (self.word,), self.score)


def compiled(
    rules: Ruleset,
    *,
    managed: ManagedGroups | None = None,
    engine: Engine | None = None,
    detectors: Mapping[str, Detector] | None = None,
) -> Plan:
    """The plan, with nothing kept."""
    more = {} if detectors is None else {"detectors": detectors}
    return compile_plan(rules, managed=managed or {}, databases=NoDatabases(), engine=engine, **more)


def decide(plan: Plan | Ruleset, request: WebRequest, world: World | None = None) -> Decision:
    """What the plan says of the request."""
    found = compiled(plan) if isinstance(plan, Ruleset) else plan
    return found.evaluate(request, (world or World()).environment, NOW)


def matches(said: Json, request: WebRequest, **more: Any) -> bool:
    """Whether a rule of this statement blocks."""
    return decide(ruleset(rule("r", 0, said), **more), request).action == "BLOCK"
