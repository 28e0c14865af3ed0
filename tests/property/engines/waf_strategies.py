"""Rulesets and requests over few letters, so that rules match often and for different reasons."""

from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st

from masugata.engines.waf.definitions import RuleAction, Ruleset
from masugata.engines.waf.definitions.actions import BlockAction, GoOn
from masugata.engines.waf.managed import Detect, ManagedGroup, ManagedRule, Source
from masugata.engines.waf.request import WebRequest
from model.waf_plan_model import Tree, written
from web_acls import (
    GROUP_ARN,
    PATH,
    Json,
    WordDetector,
    byte_match,
    group_rule,
    header,
    inspected,
    label_match,
    managed_group,
    own_group,
    regex_match,
    rule,
    ruleset,
    statement,
)

LETTERS = b"aAb_ /\n"
TEXTS = st.lists(st.sampled_from(LETTERS), max_size=6).map(bytes)
FIELDS = st.sampled_from([PATH, {"QueryString": {}}, {"Method": {}}, header("User-Agent"), header("x")])
STEPS = st.sampled_from([("NONE",), ("LOWERCASE",), ("NONE", "LOWERCASE")])
POSITIONS = st.sampled_from(["EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD"])
LABELS = st.sampled_from(["one", "two", "ns:one"])
KEYS = st.sampled_from([
    ("one", "LABEL"), ("ns:one", "LABEL"), ("ns:", "NAMESPACE"), ("ns", "NAMESPACE"), ("n", "NAMESPACE"),
    ("awswaf:111122223333:rulegroup:own:", "NAMESPACE"), ("awswaf:managed:aws:word:one", "LABEL"),
    ("awswaf:111122223333:webacl:shop:two", "LABEL"), ("awswaf:clientip:geo:country:DE", "LABEL"),
])  # fmt: skip
ADDRESSES = st.sampled_from(["192.0.2.1", "198.51.100.7", "2001:db8::1", "::ffff:192.0.2.1", "unix:"])
FORWARDED = st.sampled_from([b"192.0.2.1", b"198.51.100.7", b"x", b"", b" 2001:db8::1", b"192.0.2.1:80"])
IP_SETS = {"set-a": ("192.0.2.0/25", "2001:db8::/32"), "set-b": ("198.51.100.0/24",), "set-c": ()}
TOKENS = {b"good": "VALID", b"old": "TOKEN_EXPIRED"}


def trees() -> st.SearchStrategy[Tree]:
    """Regular expressions that every engine takes: anchors at the ends only."""
    byte = st.sampled_from(LETTERS).map(lambda b: ("byte", bytes([b])))
    members = st.frozensets(st.sampled_from(LETTERS), min_size=1).map(lambda m: ("one of", bytes(sorted(m))))
    leaves = st.one_of(byte, st.just(("any",)), members)
    inner = st.recursive(
        leaves,
        lambda more: st.one_of(
            st.tuples(st.just("then"), more, more),
            st.tuples(st.just("or"), more, more),
            st.tuples(st.just("maybe"), more),
            st.tuples(st.just("many"), more),
        ),
        max_leaves=5,
    )
    started = inner.map(lambda tree: ("then", ("start",), tree))
    ended = inner.map(lambda tree: ("then", tree, ("end",)))
    both = inner.map(lambda tree: ("then", ("start",), ("then", tree, ("end",))))
    return st.one_of(inner, started, ended, both)


@dataclass
class Case:
    """A ruleset with what the model has to know of it."""

    trees: dict[str, Tree] = field(default_factory=dict)
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    managed: dict[tuple[str, str, str | None], ManagedGroup] = field(default_factory=dict)
    ruleset: Ruleset | None = None


@st.composite
def leaves(draw: Any, case: Case) -> Json:
    """A statement without statements in it."""
    kind = draw(st.sampled_from(["byte", "byte", "byte", "regex", "set", "size", "label", "geo", "ip"]))
    part, steps = draw(FIELDS), draw(STEPS)
    if kind == "byte":
        return byte_match(draw(TEXTS), draw(POSITIONS), part, *steps)
    if kind == "regex":
        tree = draw(trees())
        case.trees[written(tree)] = tree
        return regex_match(written(tree), part, *steps)
    if kind == "set":
        found = draw(st.lists(trees(), max_size=2))
        case.trees |= {written(tree): tree for tree in found}
        arn = f"regexes-{len(case.sets)}"
        case.sets[arn] = tuple(written(tree) for tree in found)
        return {"RegexPatternSetReferenceStatement": {"ARN": arn} | inspected(part, *steps)}
    if kind == "size":
        operator = draw(st.sampled_from(["EQ", "NE", "LE", "LT", "GE", "GT"]))
        said = {"ComparisonOperator": operator, "Size": draw(st.integers(0, 5))}
        return {"SizeConstraintStatement": said | inspected(part, *steps)}
    if kind == "label":
        return label_match(*draw(KEYS))
    if kind == "geo":
        return {"GeoMatchStatement": {"CountryCodes": [draw(st.sampled_from(["DE", "XX", "US"]))]}}
    said = {"ARN": draw(st.sampled_from(sorted(IP_SETS)))}
    if draw(st.booleans()):
        said["IPSetForwardedIPConfig"] = {
            "HeaderName": "X-Forwarded-For",
            "FallbackBehavior": draw(st.sampled_from(["MATCH", "NO_MATCH"])),
            "Position": draw(st.sampled_from(["FIRST", "LAST", "ANY"])),
        }
    return {"IPSetReferenceStatement": said}


def statements(case: Case) -> st.SearchStrategy[Json]:
    """Statements that may stand in others."""
    return st.recursive(
        leaves(case),
        lambda more: st.one_of(
            st.lists(more, min_size=2, max_size=3).map(lambda s: {"AndStatement": {"Statements": s}}),
            st.lists(more, min_size=2, max_size=3).map(lambda s: {"OrStatement": {"Statements": s}}),
            more.map(lambda s: {"NotStatement": {"Statement": s}}),
        ),
        max_leaves=4,
    )


@st.composite
def actions(draw: Any) -> Json:
    """Count more often than others, so that evaluation goes on."""
    name = draw(st.sampled_from(["Count", "Count", "Count", "Block", "Allow", "Captcha", "Challenge"]))
    if name == "Block" or draw(st.booleans()):
        return {name: {}}
    inserted = [{"Name": draw(LABELS).replace(":", "-"), "Value": name}]
    return {name: {"CustomRequestHandling": {"InsertHeaders": inserted}}}


@st.composite
def rules(draw: Any, case: Case, name: str, priority: int, *, counts: bool = True) -> Json:
    """A rule that does not refer to a group."""
    said = draw(statements(case))
    if counts and draw(st.integers(0, 5)) == 0:
        rate = {"Limit": draw(st.sampled_from([10, 11])), "AggregateKeyType": "IP"}
        down = {"ScopeDownStatement": said} if draw(st.booleans()) else {}
        said = {"RateBasedStatement": rate | down}
    labels = draw(st.lists(LABELS, max_size=2))
    action = draw(actions())
    if "RateBasedStatement" in said and "Allow" in action:
        action = {"Block": {}}
    return rule(name, priority, said, action, *labels)


@st.composite
def managed_groups(draw: Any, case: Case) -> ManagedGroup:
    """A group of statements and of words to detect."""
    found = []
    for number in range(draw(st.integers(1, 4))):
        action = draw(st.sampled_from([RuleAction(block=BlockAction()), RuleAction(count=GoOn())]))
        labels = tuple(draw(st.lists(LABELS, max_size=1)))
        if draw(st.booleans()):
            said = statement(draw(statements(case)))
            found.append(ManagedRule(name=f"m{number}", action=action, labels=labels, statement=said))
            continue
        detectors = st.tuples(st.sampled_from([b"a", b"ab", b"b "]), st.sampled_from([30, 60]))
        words = tuple(WordDetector(*args) for args in draw(st.lists(detectors, min_size=1, max_size=2)))
        sources = draw(st.sets(st.sampled_from([Source.URI_PATH, Source.HEADERS]), min_size=1))
        detect = Detect(
            sources=tuple(sources), detectors=words, minimum_score=draw(st.sampled_from([30, 50]))
        )
        found.append(ManagedRule(name=f"m{number}", action=action, labels=labels, detect=detect))
    return ManagedGroup(
        vendor="AWS",
        name="Word",
        version="1",
        capacity=1,
        label_namespace="awswaf:managed:aws:word:",
        rules=tuple(found),
        ip_sets=IP_SETS,
        regex_pattern_sets=case.sets,
    )


@st.composite
def overrides(draw: Any, names: list[str], rates: frozenset[str] = frozenset()) -> Json:
    """Some of the rules otherwise; what counts requests does not allow them."""
    chosen = draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    cut = draw(st.integers(0, len(chosen)))
    acts = [(name, draw(actions())) for name in chosen[:cut]]
    return {
        "RuleActionOverrides": [
            {"Name": name, "ActionToUse": act} for name, act in acts if not (name in rates and "Allow" in act)
        ],
        "ExcludedRules": [{"Name": name} for name in chosen[cut:]],
    }


@st.composite
def cases(draw: Any) -> Case:
    """A whole web ACL."""
    case = Case()
    found: list[Json] = []
    group = [draw(rules(case, f"g{n}", n)) for n in range(draw(st.integers(0, 3)))]
    case.managed["AWS", "Word", None] = draw(managed_groups(case))
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["rule", "rule", "rule", "own", "managed"]))
        name, priority = f"r{number}", 10 * number
        override = draw(st.sampled_from(["None", "None", "Count"]))
        if kind == "rule":
            found.append(draw(rules(case, name, priority)))
        elif kind == "own":
            rates = frozenset(r["Name"] for r in group if "RateBasedStatement" in r["Statement"])
            said = own_group(**draw(overrides([r["Name"] for r in group], rates)))
            found.append(group_rule(name, priority, said, override))
        else:
            names = [member.name for member in case.managed["AWS", "Word", None].rules]
            down = {"ScopeDownStatement": draw(statements(case))} if draw(st.booleans()) else {}
            said = managed_group("Word", **draw(overrides(names)), **down)
            found.append(group_rule(name, priority, said, override))
    default = draw(st.sampled_from(["Allow", "Block"]))
    case.ruleset = ruleset(
        *draw(st.permutations(found)),
        default=default,
        group=tuple(group),
        ip_sets=IP_SETS,
        regex_pattern_sets=case.sets,
    )
    return case


@st.composite
def requests(draw: Any) -> WebRequest:
    """Few headers, some of them twice."""
    names = st.sampled_from([b"user-agent", b"x"])
    headers = draw(st.lists(st.tuples(names, TEXTS), max_size=3))
    headers += [(b"x-forwarded-for", value) for value in draw(st.lists(FORWARDED, max_size=2))]
    token = draw(st.sampled_from([None, b"good", b"old", b"bad"]))
    if token is not None:
        headers.append((b"x-aws-waf-token", token))
    return WebRequest(
        method=draw(st.sampled_from([b"GET", b"a", b"A"])),
        uri_path=draw(TEXTS),
        query_string=draw(TEXTS),
        headers=tuple(headers),
        source_ip=draw(ADDRESSES),
    )


__all__ = ["GROUP_ARN", "TOKENS", "Case", "cases", "requests", "trees"]
