"""SqliMatch and XssMatch: a detector is asked about text with a hint in it."""

from collections.abc import Collection
from typing import Any

import pytest

from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions import Ruleset
from masugata.engines.waf.detectors import Account, Evidence, Place
from masugata.engines.waf.managed import ManagedGroups, managed_groups
from masugata.engines.waf.statements._evidence import MOST_VALUES
from web_acls import (
    NOW,
    Json,
    WordDetector,
    World,
    all_of,
    any_of,
    byte_match,
    compiled,
    decide,
    get,
    group_rule,
    inspected,
    label_match,
    managed_group,
    negated,
    own_group,
    rule,
    ruleset,
)

ARGUMENTS = {"AllQueryArguments": {}}


def sqli(level: str | None = None) -> Ruleset:
    """One rule."""
    more = {} if level is None else {"SensitivityLevel": level}
    return ruleset(rule("r", 0, {"SqliMatchStatement": inspected(ARGUMENTS, "URL_DECODE") | more}))


@pytest.mark.parametrize(
    ("score", "level", "expected"),
    [
        (100, None, "BLOCK"),
        (74, None, "ALLOW"),
        (74, "HIGH", "BLOCK"),
        (75, "LOW", "BLOCK"),
        (49, "HIGH", "ALLOW"),
    ],
)
def test_high_sensitivity_takes_weaker_evidence(score: int, level: str | None, expected: str) -> None:
    """LOW is what is used where nothing is said."""
    plan = compiled(sqli(level), detectors={"SQL_INJECTION": WordDetector(b"union", score)})
    found = decide(plan, get("/?a=1&b=%55nion"))
    assert found.action == expected
    if expected == "BLOCK":
        assert found.terminating is not None
        detail = MatchDetail("SQL_INJECTION", "ALL_QUERY_ARGS", ("union",), level or "LOW")
        assert found.terminating.details == (detail,)


def test_detectors_are_asked_only_about_values_with_hints() -> None:
    """And once for each, whatever the number of rules."""
    detector = WordDetector(b"union", 10)
    said = {"SqliMatchStatement": inspected(ARGUMENTS)}
    rules = ruleset(rule("a", 0, said), rule("b", 1, said))
    plan = compiled(rules, detectors={"SQL_INJECTION": detector})
    decide(plan, get("/?a=1&b=2"))
    assert detector.asked == 0
    decide(plan, get("/?a=union&b=2&c=reunion"))
    assert detector.asked == 2


def test_more_suspicious_values_than_are_looked_at_are_an_attack() -> None:
    """A request cannot hide behind the work that it makes."""
    detector = WordDetector(b"union", 10)
    plan = compiled(sqli(), detectors={"SQL_INJECTION": detector})
    assert decide(plan, get("/?" + "&".join(["a=union"] * MOST_VALUES))).action == "ALLOW"
    detector.asked = 0
    assert decide(plan, get("/?" + "&".join(["a=union"] * (MOST_VALUES + 1)))).action == "BLOCK"
    assert detector.asked == MOST_VALUES


def test_scripts_are_found() -> None:
    """With the detector that comes with the program."""
    plan = compiled(ruleset(rule("r", 0, {"XssMatchStatement": inspected(ARGUMENTS, "URL_DECODE")})))
    found = decide(plan, get("/?q=%3Cscript%3Ealert(1)%3C/script%3E"))
    assert found.terminating is not None
    assert found.terminating.details[0].condition == "XSS"
    assert decide(plan, get("/?q=%3Cb%3Ebold%3C/b%3E")).action == "ALLOW"


class DearDetector(WordDetector):
    """Spends most of what there is on a value, and finds nothing sure."""

    def detect_hinted(
        self, value: bytes, place: Place, hints: Collection[int], account: Account | None = None
    ) -> Evidence | None:
        """From the account."""
        assert account is not None
        assert list(hints) == list(range(len(self.hints)))
        account.left -= Account().left // 2 + 1
        return self.detect(value, place)


@pytest.mark.parametrize("second", [{"SqliMatchStatement": {}}, {"XssMatchStatement": {}}])
def test_all_that_is_looked_for_in_a_request_is_paid_from_one_account(second: dict[str, object]) -> None:
    """When nothing is left, nobody is asked any more: whatever is looked for may be there."""
    dear = DearDetector(b"union", 10)
    (name,) = second
    rules = ruleset(
        rule("a", 0, {"SqliMatchStatement": inspected(ARGUMENTS)}, "Count"),
        rule("b", 1, {name: inspected({"QueryString": {}})}),
    )
    plan = compiled(rules, detectors={"SQL_INJECTION": dear, "XSS": dear})
    assert decide(plan, get("/?a=1&b=2")).action == "ALLOW"
    assert decide(plan, get("/?a=union")).action == "BLOCK"
    assert dear.asked == 2
    dear.asked = 0
    assert decide(plan, get("/?a=union&b=unions&c=reunion")).action == "BLOCK"
    assert dear.asked == 2


SQLI: Json = {"SqliMatchStatement": inspected(ARGUMENTS)}
TOO_MUCH = "/?a=reunion&b=unions&c=union"
NOWHERE = byte_match(b"nowhere")


def decided(*rules: Json, default: str = "Block", managed: ManagedGroups | None = None, **more: Any) -> str:
    """What becomes of a request of which nobody knows whether it injects SQL."""
    detector = DearDetector(b"no such thing", family="sqli")
    detector.hints = ("union",)
    plan = compiled(
        ruleset(*rules, default=default, **more), managed=managed, detectors={"SQL_INJECTION": detector}
    )
    return decide(plan, get(TOO_MUCH)).action


@pytest.mark.parametrize(
    "statement",
    [
        SQLI,
        negated(SQLI),
        negated(negated(SQLI)),
        any_of(NOWHERE, SQLI),
        all_of(negated(NOWHERE), negated(SQLI)),
    ],
)
def test_what_nobody_knows_lets_nothing_through(statement: Json) -> None:
    """Neither the statement nor its negation allows, and both block."""
    assert decided(rule("a", 0, statement, "Allow")) == "BLOCK"
    assert decided(rule("a", 0, statement, "Block"), default="Allow") == "BLOCK"


@pytest.mark.parametrize("said", [SQLI, negated(SQLI)])
@pytest.mark.parametrize("scope", ["LABEL", "NAMESPACE"])
@pytest.mark.parametrize("negate", [False, True])
def test_labels_that_nobody_is_sure_of_let_nothing_through(said: Json, scope: str, *, negate: bool) -> None:
    """What a rule added without knowing is there for who blocks it, and absent for who allows it."""
    counting = rule("a", 0, said, "Count", "ns:sql")
    asking = label_match("ns:sql" if scope == "LABEL" else "ns:", scope)
    if negate:
        asking = negated(asking)
    assert decided(counting, rule("b", 1, asking, "Allow")) == "BLOCK"
    assert decided(counting, rule("b", 1, asking, "Block"), default="Allow") == "BLOCK"
    passed_on = rule("b", 1, asking, "Count", "second")
    assert decided(counting, passed_on, rule("c", 2, label_match("second"), "Allow")) == "BLOCK"


def test_a_label_is_sure_that_a_rule_adds_that_knows() -> None:
    """Whoever added it before or after."""
    doubtful = rule("a", 0, SQLI, "Count", "x")
    allowing = rule("z", 9, label_match("x"), "Allow")
    sure = negated(NOWHERE)
    assert decided(doubtful, rule("b", 1, sure, "Count", "x"), allowing) == "ALLOW"
    assert decided(rule("0", 0, sure, "Count", "x"), doubtful | {"Priority": 1}, allowing) == "ALLOW"
    assert (
        decided(doubtful, rule("b", 1, sure, "Count", "y"), rule("z", 9, label_match("y"), "Allow"))
        == "ALLOW"
    )


def test_an_override_that_allows_is_sure_of_it() -> None:
    """The action that counts is the one of the web ACL."""
    allowing = {"RuleActionOverrides": [{"Name": "a", "ActionToUse": {"Allow": {}}}]}
    blocking = {"RuleActionOverrides": [{"Name": "a", "ActionToUse": {"Block": {}}}]}
    blocked, allowed = rule("a", 0, SQLI), rule("a", 0, SQLI, "Allow", "x")
    assert decided(group_rule("g", 0, own_group(**allowing)), group=(blocked,)) == "BLOCK"
    assert decided(group_rule("g", 0, own_group(**blocking)), group=(allowed,), default="Allow") == "BLOCK"
    label = label_match("awswaf:111122223333:rulegroup:own:x")
    assert (
        decided(
            group_rule("g", 0, own_group(), "Count"), rule("b", 1, label), group=(allowed,), default="Allow"
        )
        == "BLOCK"
    )


@pytest.mark.parametrize(
    "idle",
    [
        [rule("a", 0, all_of(SQLI, NOWHERE), "Count")],
        [rule("a", 0, all_of(SQLI, any_of(NOWHERE, byte_match(b"neither"))), "Count")],
    ],
)
def test_a_trace_spends_what_the_evaluation_spends(idle: list[Json]) -> None:
    """What is asked only to tell why leaves as much for the rules behind as was left when it was decided."""
    dear = DearDetector(b"no such thing")
    dear.hints = ("union", "more", "than", "the others have")
    headers = inspected({"QueryString": {}})
    rules = ruleset(*idle, rule("b", 1, {"XssMatchStatement": headers}))
    plan = compiled(rules, detectors={"SQL_INJECTION": dear, "XSS": dear})
    request = get("/?a=union")
    assert decide(plan, request).action == "ALLOW"
    assert [each.matched for each in plan.trace(request, World().environment, NOW)] == [False, False]


def test_a_group_that_nobody_is_sure_to_ask_blocks_and_does_not_allow() -> None:
    """Its scope-down statement is one of those that know nothing."""
    override = {"Name": "NoUserAgent_HEADER", "ActionToUse": {"Allow": {}}}
    core = managed_group("AWSManagedRulesCommonRuleSet", ScopeDownStatement=SQLI)
    allowing = managed_group(
        "AWSManagedRulesCommonRuleSet", ScopeDownStatement=SQLI, RuleActionOverrides=[override]
    )
    label = "awswaf:managed:aws:core-rule-set:NoUserAgent_Header"
    groups = managed_groups()
    assert decided(group_rule("g", 0, core), default="Allow", managed=groups) == "BLOCK"
    assert decided(group_rule("g", 0, allowing), managed=groups) == "BLOCK"
    counted = group_rule("g", 0, core, "Count"), rule("z", 1, label_match(label), "Allow")
    assert decided(*counted, managed=groups) == "BLOCK"
