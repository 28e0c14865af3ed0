"""The compiled plan decides as the slow, obvious model does."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from masugata.engines.waf.decision import Decision, RuleMatch
from masugata.engines.waf.matching import choose_engine
from model.waf_plan_model import Model, Outcome
from property.engines.waf_strategies import TOKENS, Case, cases, requests
from web_acls import NOW, World, compiled, decide


def shown(match: RuleMatch | None) -> Any:
    """What the model says of a rule too."""
    if match is None:
        return None
    return match.rule, match.action, match.group, match.rule_in_group, match.overridden, match.token


def outcome(decision: Decision) -> Outcome:
    """What the model says of a decision too."""
    return {
        "action": decision.action,
        "terminating": shown(decision.terminating),
        "counted": [shown(match) for match in decision.counted],
        "labels": list(decision.labels),
        "inserted": dict(decision.inserted_headers),
    }


@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(case=cases(), asked=st.lists(requests(), min_size=1, max_size=8))
def test_the_plan_decides_as_the_model_does(engine: Any, case: Case, asked: list[Any]) -> None:
    """Over rule sets of all statements, groups, overrides and actions, one request after the other."""
    assert case.ruleset is not None
    plan = compiled(case.ruleset, managed=case.managed, engine=choose_engine(engine))
    ours, theirs = World(TOKENS), World(TOKENS)
    for request in asked:
        expected = Model(case.ruleset, case.managed, case.trees, request, theirs).evaluate()
        assert outcome(decide(plan, request, ours)) == expected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(case=cases(), asked=requests())
def test_a_trace_is_what_was_decided(case: Case, asked: Any) -> None:
    """Of the rules that were reached, those that matched are those that counted and the one that ended it."""
    assert case.ruleset is not None
    plan = compiled(case.ruleset, managed=case.managed)
    decision = decide(plan, asked, World(TOKENS))
    traced = plan.trace(asked, World(TOKENS).environment, NOW)
    matched = [each.match for each in traced if each.reached and each.matched and each.match.action]
    ended = [decision.terminating] if decision.terminating is not None else []
    assert [_traced(match) for match in matched] == [_traced(match) for match in [*decision.counted, *ended]]


def _traced(match: RuleMatch | None) -> Any:
    """Without what an override of the whole group makes of its action."""
    assert match is not None
    return match.rule, match.group, match.rule_in_group, match.details
