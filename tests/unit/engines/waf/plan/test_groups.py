"""Rule groups, one's own and managed ones, and what is overridden of them."""

import re
from collections.abc import Collection

import pytest

from masugata.engines.waf.decision import Decision, RuleMatch
from masugata.engines.waf.definitions import RuleAction
from masugata.engines.waf.definitions.actions import BlockAction, GoOn
from masugata.engines.waf.detectors import Account, Evidence, Place
from masugata.engines.waf.errors import RulesetError
from masugata.engines.waf.managed import Detect, ManagedGroup, ManagedRule, Source
from masugata.engines.waf.statements._evidence import MOST_VALUES
from masugata.engines.waf.statements._places import MOST_ARGUMENTS
from masugata.engines.waf.statements._source_lookup import MOST_DECODED
from web_acls import (
    GROUP_ARN,
    Json,
    WordDetector,
    byte_match,
    compiled,
    decide,
    get,
    group_rule,
    label_match,
    managed_group,
    own_group,
    rule,
    ruleset,
    statement,
)

ANY = byte_match(b"/")
RATE = {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP"}}
INSERTING = {"CustomRequestHandling": {"InsertHeaders": [{"Name": "g", "Value": "1"}]}}
BLOCK = RuleAction(block=BlockAction())
COUNT = RuleAction(count=GoOn())
OWN = "awswaf:111122223333:rulegroup:own:"
GROUP = (
    rule("first", 0, ANY, "Count", "seen"),
    rule("second", 1, ANY, "Block", "bad"),
    rule("third", 2, ANY),
)


def shown(match: RuleMatch | None) -> tuple[str | None, ...] | None:
    """A rule, what it did, and what it would have done."""
    return None if match is None else (match.rule_in_group, match.action, match.overridden)


def counted(found: Decision) -> list[tuple[str | None, ...] | None]:
    """All that was counted."""
    return [shown(match) for match in found.counted]


def in_group(
    override: str | Json = "None", *more: Json, group: tuple[Json, ...] = GROUP, **said: object
) -> Decision:
    """What a web ACL of this group decides."""
    return decide(ruleset(group_rule("r", 0, own_group(**said), override), *more, group=group), get())


def test_the_rules_of_a_group_are_asked_in_its_place() -> None:
    """By their priorities within the group; the first that ends, ends all."""
    found = in_group()
    assert found.action == "BLOCK"
    assert shown(found.terminating) == ("second", "BLOCK", None)
    assert found.terminating is not None
    assert (found.terminating.rule, found.terminating.group) == ("r", GROUP_ARN)
    assert counted(found) == [("first", "COUNT", None)]
    assert found.labels == (OWN + "seen", OWN + "bad")


def test_a_counted_group_ends_nothing_but_itself() -> None:
    """Its rules do what they say until one would end it; that is counted, and the web ACL goes on."""
    found = in_group("Count", rule("after", 1, ANY, "Allow"))
    assert found.action == "ALLOW"
    assert counted(found) == [("first", "COUNT", None), ("second", "COUNT", "BLOCK")]


def test_an_allow_that_is_only_counted_adds_no_header() -> None:
    """Upstreams may trust what an Allow tells them."""
    handling = {"CustomRequestHandling": {"InsertHeaders": [{"Name": "trusted", "Value": "1"}]}}
    found = in_group("Count", group=(rule("a", 0, ANY, {"Allow": handling}),))
    assert counted(found) == [("a", "COUNT", "ALLOW")]
    assert found.inserted_headers == ()


def test_actions_of_single_rules_are_overridden() -> None:
    """Also towards Block, with its headers; excluded rules are counted under AWS's name for it."""
    actions = [{"Name": "first", "ActionToUse": {"Captcha": {}}}]
    found = in_group(RuleActionOverrides=actions)
    assert shown(found.terminating) == ("first", "CAPTCHA", "COUNT")
    actions = [{"Name": "second", "ActionToUse": {"Count": INSERTING}}]
    found = in_group(RuleActionOverrides=actions, ExcludedRules=[{"Name": "third"}])
    assert found.action == "ALLOW"
    assert found.inserted_headers == (("x-amzn-waf-g", "1"),)
    assert counted(found) == [
        ("first", "COUNT", None),
        ("second", "COUNT", "BLOCK"),
        ("third", "EXCLUDED_AS_COUNT", "BLOCK"),
    ]


def test_labels_of_groups_are_local_to_them() -> None:
    """A rule of the group sees them by their last part, the web ACL by their full names only."""
    group = (rule("a", 0, ANY, "Count", "seen"), rule("b", 1, label_match("seen"), "Count", "again"))
    local = rule("local", 1, label_match("again"), "Block")
    assert in_group("None", local, group=group).action == "ALLOW"
    full = rule("full", 1, label_match(OWN + "again"), "Block")
    assert in_group("None", full, group=group).action == "BLOCK"
    namespace = rule("namespace", 1, label_match(OWN.removesuffix(":"), "NAMESPACE"), "Block")
    assert in_group("None", namespace, group=group).action == "BLOCK"


def test_rules_see_labels_of_earlier_rules_only() -> None:
    """Not their own, and not those of later ones."""
    found = decide(
        ruleset(rule("late", 2, ANY, "Count", "x"), rule("early", 1, label_match("x"), "Block", "x")), get()
    )
    assert found.action == "ALLOW"
    many = [rule(f"r{n}", n, ANY, "Count", *(f"l{n}-{i}" for i in range(60))) for n in range(3)]
    assert len(decide(ruleset(*many), get()).labels) == 100


def managed(*rules: ManagedRule, **more: object) -> dict[tuple[str, str, str | None], ManagedGroup]:
    """One managed group, in one version."""
    group = ManagedGroup(
        vendor="AWS",
        name="Words",
        version="Version_1.0",
        capacity=10,
        label_namespace="awswaf:managed:aws:words:",
        rules=rules,
        **more,
    )
    return {("AWS", "Words", None): group, ("AWS", "Words", "Version_1.0"): group}


def detecting(
    *detectors: WordDetector, minimum: int = 50, sources: tuple[Source, ...] = tuple(Source)
) -> ManagedRule:
    """A rule that looks everywhere."""
    detect = Detect(sources=sources, detectors=detectors, minimum_score=minimum)
    return ManagedRule(name="Word", action=BLOCK, detect=detect, labels=("Word",))


@pytest.mark.parametrize(
    "request_",
    [
        get("/a/evil"),
        get("/?q=an%20EVIL%20word"),
        get("/?evil=1"),
        get("/", (b"cookie", b"a=b; c=evil")),
        get("/", (b"cookie", b"x" * 9000 + b"; c=evil")),
        get("/", (b"referer", b"evil")),
        get("/", (b"content-type", b"application/json"), method=b"POST", body=b'{"a": ["\\u0065vil"]}'),
        get("/", (b"content-type", b"application/x-www-form-urlencoded"), method=b"POST", body=b"a=%65vil"),
        get("/", method=b"POST", body=b"evil"),
    ],
)
def test_what_is_to_be_detected_is_found_everywhere(request_: object) -> None:
    """Decoded, in names and values; the label is the group's."""
    plan = compiled(
        ruleset(group_rule("r", 0, managed_group("Words"))), managed=managed(detecting(WordDetector(b"evil")))
    )
    found = decide(plan, request_)
    assert found.action == "BLOCK"
    assert found.labels == ("awswaf:managed:aws:words:Word",)
    assert found.terminating is not None
    assert found.terminating.group == "AWS#Words"
    assert found.terminating.details[0].matched_data == ("the word", "evil")


def test_detectors_are_asked_only_where_a_hint_fired() -> None:
    """And each value once, however many rules ask for it."""
    evil, weak = WordDetector(b"evil", 60), WordDetector(b"weak", 40)
    rules = [
        detecting(weak, sources=(Source.QUERY_ARGUMENTS,)),
        detecting(evil, weak, minimum=80, sources=(Source.QUERY_ARGUMENTS,)),
        detecting(evil, weak, minimum=60, sources=(Source.QUERY_ARGUMENTS,)),
    ]
    named = [ManagedRule(name=f"r{n}", action=COUNT, detect=found.detect) for n, found in enumerate(rules)]
    plan = compiled(ruleset(group_rule("r", 0, managed_group("Words"))), managed=managed(*named))
    many = "&".join(f"a{n}=fine" for n in range(100))
    assert counted(decide(plan, get(f"/evil?{many}"))) == []
    assert (evil.asked, weak.asked) == (0, 0)
    assert counted(decide(plan, get(f"/?{many}&b=evil&c=weak"))) == [("r2", "COUNT", None)]
    assert (evil.asked, weak.asked) == (1, 1)


def test_more_suspicious_values_than_are_looked_at_match() -> None:
    """A request cannot hide behind the work that it makes; equal values are looked at once."""
    weak = WordDetector(b"weak", 40)
    plan = compiled(ruleset(group_rule("r", 0, managed_group("Words"))), managed=managed(detecting(weak)))
    many = [f"{number}=weak{number}" for number in range(MOST_VALUES)]
    same = ["a=weak"] * (2 * MOST_VALUES)
    assert decide(plan, get("/?" + "&".join(same))).action == "ALLOW"
    assert decide(plan, get("/?" + "&".join(many))).action == "ALLOW"
    weak.asked = 0
    assert decide(plan, get("/?" + "&".join([*many, "z=weak"]))).action == "BLOCK"
    assert weak.asked == MOST_VALUES


def test_more_than_is_looked_at_matches() -> None:
    """A request cannot hide in its size: too many arguments, or too many bytes once decoded."""
    plan = compiled(
        ruleset(group_rule("r", 0, managed_group("Words"))), managed=managed(detecting(WordDetector(b"evil")))
    )
    few, many = ("&".join(f"a{n}=b" for n in range(count)) for count in (MOST_ARGUMENTS, MOST_ARGUMENTS + 1))
    assert decide(plan, get(f"/?{few}")).action == "ALLOW"
    found = decide(plan, get(f"/?{many}"))
    assert found.action == "BLOCK"
    assert found.terminating is not None
    assert found.terminating.details[0].matched_data == ("more is in it, once decoded, than is looked at",)
    long = "x" * (MOST_DECODED // 5)
    assert decide(plan, get(f"/{long}%2541")).action == "ALLOW"
    assert decide(plan, get(f"/{long}%25252541&amp;amp;amp;")).action == "BLOCK"


class Spender(WordDetector):
    """Takes a quarter of what is on the account for each value."""

    def detect_hinted(
        self, value: bytes, place: Place, hints: Collection[int], account: Account
    ) -> Evidence | None:
        """Where the word is."""
        assert hints
        account.left -= Account().left // 4
        return self.detect(value, place)


def test_work_on_many_values_is_bounded_together() -> None:
    """What a detector may take for one value is not to be had for each of a hundred."""
    weak = Spender(b"weak", 40)
    plan = compiled(ruleset(group_rule("r", 0, managed_group("Words"))), managed=managed(detecting(weak)))
    assert decide(plan, get("/?a=weak1&b=weak2&c=weak3")).action == "ALLOW"
    weak.asked = 0
    assert decide(plan, get("/?" + "&".join(f"a{n}=weak{n}" for n in range(100)))).action == "BLOCK"
    assert weak.asked == 4


def test_a_group_is_scoped_down() -> None:
    """What its statement does not match passes by all rules of the group, and comes to the next rule."""
    rules = managed(ManagedRule(name="all", action=BLOCK, statement=statement(ANY)))
    down = managed_group("Words", ScopeDownStatement=byte_match(b"/admin", "STARTS_WITH"))
    whole = ruleset(group_rule("r", 0, down), rule("after", 1, byte_match(b"z"), "Challenge"))
    plan = compiled(whole, managed=rules)
    assert [decide(plan, get(path)).action for path in ("/admin", "/", "/z")] == [
        "BLOCK",
        "ALLOW",
        "CHALLENGE",
    ]


def test_a_group_may_be_configured() -> None:
    """By what it understands of its settings."""

    def configure(configs: tuple[dict[str, object], ...]) -> tuple[ManagedRule, ...]:
        if configs != ({"AWSManagedRulesWords": {"Level": "ALL"}},):
            raise ValueError("`Level` is `ALL`")
        return (ManagedRule(name="all", action=BLOCK, statement=statement(ANY)),)

    rules = managed(configure=configure)
    said = lambda level: managed_group(  # noqa: E731
        "Words", ManagedRuleGroupConfigs=[{"AWSManagedRulesWords": {"Level": level}}]
    )
    assert (
        decide(compiled(ruleset(group_rule("r", 0, managed_group("Words"))), managed=rules), get()).action
        == "ALLOW"
    )
    assert decide(compiled(ruleset(group_rule("r", 0, said("ALL"))), managed=rules), get()).action == "BLOCK"
    with pytest.raises(RulesetError, match="shop/r: `Level` is `ALL`"):
        compiled(ruleset(group_rule("r", 0, said("NONE"))), managed=rules)
    with pytest.raises(RulesetError, match="takes no `ManagedRuleGroupConfigs`"):
        compiled(ruleset(group_rule("r", 0, said("ALL"))), managed=managed())


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ((rule("r", 0, own_group()),), "needs `OverrideAction`, and no `Action`"),
        ((group_rule("r", 0, ANY),), "a rule needs `Action`"),
        ((group_rule("r", 0, own_group(), {"None": {}, "Count": {}}),), "an action must be exactly one"),
        ((group_rule("r", 0, own_group(), {"Count": INSERTING}),), "has no `CustomRequestHandling`"),
        ((group_rule("r", 0, own_group()) | {"RuleLabels": [{"Name": "x"}]},), "no `RuleLabels`"),
        (
            (group_rule("r", 0, own_group(ExcludedRules=[{"Name": "gone"}])),),
            "rule `gone`, which is overridden",
        ),
        ((group_rule("r", 0, own_group(ARN="arn:gone")),), "there is no rule group `arn:gone`"),
        ((group_rule("r", 0, managed_group("Gone")),), "there is no managed rule group `AWS/Gone`"),
        ((group_rule("r", 0, managed_group("Words", Version="2")),), "`AWS/Words` in version `2`"),
        ((rule("r", 0, {"NotStatement": {"Statement": own_group()}}),), "may not stand in another statement"),
        ((rule("a", 0, ANY), rule("r", 0, ANY)), "`a` has the same priority"),
        ((rule("r", 0, RATE, "Allow"),), "the action of a rate-based rule is not Allow"),
        ((rule("r", 0, ANY), rule("r", 1, ANY)), "two rules have this name"),
    ],
)
def test_what_does_not_fit_is_an_error(rules: tuple[Json, ...], problem: str) -> None:
    """It names the rule."""
    with pytest.raises(RulesetError, match="shop/r: .*" + re.escape(problem)):
        compiled(ruleset(*rules, group=GROUP), managed=managed())


def test_a_rate_is_overridden_to_anything_but_allow() -> None:
    """As if it had that action itself."""
    group = (rule("flood", 0, RATE),)
    said = own_group(RuleActionOverrides=[{"Name": "flood", "ActionToUse": {"Count": {}}}])
    compiled(ruleset(group_rule("r", 0, said), group=group))
    said = own_group(RuleActionOverrides=[{"Name": "flood", "ActionToUse": {"Allow": {}}}])
    with pytest.raises(RulesetError, match=r"shop/r: rule `flood`, .* is not Allow"):
        compiled(ruleset(group_rule("r", 0, said), group=group))


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        (group_rule("g", 0, own_group()), "a rule group may not hold rule groups"),
        (group_rule("g", 0, ANY), "a rule of a rule group needs `Action`"),
        (rule("g", 0, byte_match(b"a", "CONTAINS", {})), "a field to match"),
    ],
)
def test_what_does_not_fit_into_a_group_is_an_error(member: Json, problem: str) -> None:
    """It names the rule with its group's."""
    with pytest.raises(RulesetError, match=f"shop/r/g: {problem}"):
        compiled(ruleset(group_rule("r", 0, own_group()), group=(member,)))


@pytest.mark.parametrize(
    "more", [{}, {"statement": statement(ANY), "detect": Detect(sources=(), detectors=())}]
)
def test_a_managed_rule_is_one_or_the_other(more: dict[str, object]) -> None:
    """A statement, or something to detect."""
    broken = ManagedRule(name="m", action=BLOCK, **more)
    with pytest.raises(RulesetError, match="shop/r/m: a managed rule has either"):
        compiled(ruleset(group_rule("r", 0, managed_group("Words"))), managed=managed(broken))
    empty = ManagedRule(name="m", action=BLOCK, detect=Detect(sources=(), detectors=()))
    with pytest.raises(RulesetError, match="needs sources and detectors"):
        compiled(ruleset(group_rule("r", 0, managed_group("Words"))), managed=managed(empty))
