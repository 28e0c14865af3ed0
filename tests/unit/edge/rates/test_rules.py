"""The names of counts: those that a plan counts under are those that are kept."""

import web_acls
from masugata.edge.planning.inspecting import Inspectors
from masugata.edge.rates import SharedRates
from masugata.edge.rates.rules import rate_based_rules, rate_name
from masugata.edge.settings import Shared
from masugata.edge.shared_files import run_directory
from web_acls import GROUP_ARN

NOW = 1_795_000_000.0
FLOOD = {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP"}}
RULESET = web_acls.ruleset(
    web_acls.rule("flood", 0, FLOOD),
    web_acls.group_rule("group", 1, {"RuleGroupReferenceStatement": {"ARN": GROUP_ARN}}),
    web_acls.rule("other", 2, web_acls.byte_match(b"x")),
    group=(web_acls.rule("inner", 0, FLOOD),),
)


def test_rules_are_named_as_plans_count_them() -> None:
    """Rules of the web ACL, and of groups that it refers to."""
    world = web_acls.World()
    web_acls.compiled(RULESET).evaluate(web_acls.get(), world.environment, web_acls.NOW)
    counted = {rule for rule, _ in world.counts}
    assert {rate_name(RULESET, rule) for rule in rate_based_rules(RULESET)} == counted
    assert len(counted) == 2


def test_what_sites_use_is_retained() -> None:
    """Counts of a plan stay as long as any site has it, and go a while after the last one."""
    with run_directory() as folder:
        names = [str(folder / name) for name in ("plans", "secret", "patterns", "notes")]
        inspectors = Inspectors(Shared(names[0], str(folder), *names[1:]))
        rates = inspectors._protection.rates
        assert isinstance(rates, SharedRates)
        now = [NOW]
        rates.clock = lambda: now[0]
        inspectors.use("a", RULESET)
        inspectors.use("b", RULESET)
        inspectors.inspector("a", RULESET).inspect(web_acls.get(), NOW)

        def left_after(site: str) -> int:
            inspectors.use(site, None)
            for _ in range(2):
                inspectors.retain()
                now[0] += 601
            inspectors.retain()
            return len(list(folder.glob("*.rates")))

        assert [left_after("a"), left_after("b")] == [2, 0]
        inspectors.close()
