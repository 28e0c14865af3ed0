"""The engine against the slow model, on generated policies and requests.

Nightly compares a million pairs; `MASUGATA_SEED=…` repeats what a run printed.
"""

import os
import secrets
from itertools import product

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from masugata.engines.policy import (
    Policies,
    PolicySet,
    PolicyType,
    Request,
    candidates,
    compile_policy,
    decide,
    explain,
)
from masugata.engines.policy.arns import Target
from masugata.engines.policy.conditions import normalize_context
from model.policy_model import Reference, World
from property.engines import policy_strategies as make

ACTIONS = st.sampled_from(make.ACTIONS)
RESOURCES = st.sampled_from(make.RESOURCES)
PRINCIPALS = st.sampled_from(make.PRINCIPALS)
NIGHTLY = settings.default.max_examples >= 20_000
EXAMPLES = 36_000 if NIGHTLY else 800


def _compare(policies, world, principal, action, resource, account, context):
    expected = Reference(world, principal, action, resource, account, context).decide()
    request = Request(principal, action, resource, account, context, rcp_supported=world.rcp_supported)
    decision = decide(policies, request)
    outcome = "allow" if decision.allowed else "explicit" if decision.explicit else "implicit"
    assert (outcome, None if decision.allowed else decision.level) == expected
    assert decide(policies, request) == decision  # what is remembered changes nothing


def _check(world, *asked):
    _compare(make.policies(world), world, *asked)


def some(values, most):
    """A few of `values`."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


@pytest.mark.parametrize("plain", [False, True], ids=["whole decisions", "levels and principals"])
def test_engine_and_model_agree(plain, record_property, monkeypatch):
    """Engine and model agree on outcome and level whatever the policies hold and whoever asks for what.

    Each example is a world of policies, asked every combination of a few callers, actions, resources
    and owners. With `plain` statements differ only in effect, action and principal. Even the smallest
    sets are indexed by resource.
    """
    monkeypatch.setattr(candidates, "FEW", 0)
    chosen = int(os.environ.get("MASUGATA_SEED", "0")) or (secrets.randbelow(1 << 32) if NIGHTLY else 1)
    pairs = 0

    @seed(chosen)
    @settings(max_examples=EXAMPLES)
    @given(
        make.worlds(plain=plain),
        some(range(len(make.PRINCIPALS)), 5),
        some(make.ACTIONS, 4),
        some(make.RESOURCES, 3),
        some(make.ACCOUNTS, 2),
        st.just({}) if plain else make.CONTEXTS,
    )
    def agree(world, callers, actions, resources, owners, context):
        nonlocal pairs
        policies = make.policies(world)
        for caller, *asked in product(callers, actions, resources, owners):
            _compare(policies, world, make.PRINCIPALS[caller], *asked, context)
            pairs += 1

    agree()
    record_property("told", f"{pairs} pairs of policies and request agree with the model; seed {chosen}")
    assert pairs >= (500_000 if NIGHTLY else 10_000)


@pytest.mark.parametrize("resource_type", ["resource", "trust"])
@pytest.mark.parametrize("account", make.ACCOUNTS)
def test_every_grant_under_every_limit(account, resource_type):
    """Engine and model agree for every caller, every way to name it, and every limit on it."""
    empty, whole = [], make.OPEN
    for caller, name, identity, boundary, session in product(
        make.PRINCIPALS, make.NAMES, (empty, whole), (None, empty, whole), (None, empty)
    ):
        grant = make.NEW | {"Statement": make.ALLOW_ALL | {"Principal": {"AWS": name}}}
        world = World(identity, boundary, session, resource=[grant], resource_type=resource_type)
        _check(world, caller, "s3:GetObject", "arn:aws:s3:::shop/menu", account, {})


@settings(max_examples=2 * EXAMPLES)
@given(make.VERSIONS, st.sampled_from(("Allow", "Deny")), make.OPERATORS, st.data())
def test_conditions(version, effect, operator, data):
    """Engine and model agree on every operator, for Allow and for Deny."""
    texts = make.fitting(operator)
    key = data.draw(st.sampled_from(make.KEYS[:3]))
    values = data.draw(make.one_or_list(texts, max_size=3))
    asked = make.one_or_list(texts, max_size=3)
    context = data.draw(st.dictionaries(st.sampled_from(make.KEYS[:3]), asked, max_size=3))
    statement = make.ALLOW_ALL | {"Effect": effect, "Condition": {operator: {key: values}}}
    world = World(identity=[version | {"Statement": [make.ALLOW_ALL, statement][effect == "Allow" :]}])
    _check(world, make.BOB, "s3:GetObject", "arn:aws:s3:::shop/menu", make.HERE, context)


@settings(max_examples=2 * EXAMPLES)
@given(
    make.VERSIONS,
    st.sampled_from(("Allow", "Deny")),
    st.sampled_from(("identity", "boundary", "session", "resource", "scp", "rcp", "vpce")),
    make.RESOURCE_ELEMENTS,
    make.ACTION_ELEMENTS,
    RESOURCES,
    st.dictionaries(st.sampled_from(make.KEYS[:2]), st.sampled_from(("bob", "menu", "*", "")), max_size=2),
)
def test_actions_and_resources(version, effect, kind, resources, actions, resource, context):
    """Engine and model agree on Action, NotAction, Resource and NotResource in each type of policy."""
    named = {"Principal": "*"} if kind in ("resource", "rcp", "vpce") else {}
    statement = {"Effect": effect} | actions | resources | named
    base = [make.ALLOW_ALL | named] if effect == "Deny" else []
    documents = [version | {"Statement": [*base, statement]}]
    world = World(identity=[] if kind == "resource" else make.OPEN)
    setattr(world, kind, [documents] if kind in ("scp", "rcp") else documents)
    _check(world, make.BOB, "s3:GetObject", resource, make.HERE, context)


@settings(max_examples=EXAMPLES // 2)
@given(make.worlds(plain=False), PRINCIPALS, ACTIONS, RESOURCES, make.CONTEXTS)
def test_explanation_agrees_with_the_decision(world, principal, action, resource, context):
    """An explicit denial is among the Denies that the explanation shows as matching, and no other is."""
    policies = make.policies(world)
    request = Request(principal, action, resource, make.HERE, context, rcp_supported=world.rcp_supported)
    explanation = explain(policies, request)
    decision = decide(policies, request)
    assert explanation.decision == decision
    denying = {
        (level.type, report.policy, report.statement)
        for level in explanation.levels
        for report in level.statements
        if report.matched and report.effect == "Deny"
    }
    if decision.explicit:
        assert (decision.level, decision.policy, decision.statement) in denying
    elif not principal.external and action != "sts:GetCallerIdentity":
        assert not denying


@given(st.sampled_from(make.TEXTS), st.sampled_from(make.TEXTS))
def test_substituted_values_are_literals(tag, text):
    """A resource pattern of one variable matches exactly the tag's text, whatever characters it holds."""
    statement = make.ALLOW_ALL | {"Resource": "arn:aws:s3:::b/${aws:PrincipalTag/team}"}
    policies = Policies(make.policy_set(PolicyType.IDENTITY, [make.NEW | {"Statement": statement}]))
    request = Request(
        make.BOB, "s3:GetObject", f"arn:aws:s3:::b/{text}", make.HERE, {"aws:PrincipalTag/team": tag}
    )
    assert decide(policies, request).allowed == (tag == text)


@settings(max_examples=EXAMPLES)
@given(
    st.lists(make.statements(named=False), min_size=1, max_size=16),
    some(make.ACTIONS, 2),
    some(make.RESOURCES, 5),
    make.CONTEXTS,
)
def test_the_index_changes_nothing(found, actions, resources, context):
    """Found by resource or asked one by one, the same statement is the first to allow or to deny."""
    policy = compile_policy(make.NEW | {"Statement": found}, PolicyType.IDENTITY, "many")
    sets = []
    for few in (0, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(candidates, "FEW", few)
            indexed = PolicySet(PolicyType.IDENTITY, [policy])
            for action in actions:
                indexed.allow(action.lower(), Target("*"), {})
            sets.append(indexed)
    for action, resource in product(actions, resources):
        asked = (action.lower(), Target(resource), normalize_context(context))
        assert sets[0].allow(*asked) is sets[1].allow(*asked)
        assert sets[0].deny(*asked) is sets[1].deny(*asked)
