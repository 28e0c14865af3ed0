"""Random organizations, applied one after the other: the same twice is nothing, and nobody is let through between."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masugata.apply import execute, parse_description, plan_of, read_state, write_description
from masugata.client import Keys
from masugata.errors import AwsError
from unit.apply.conftest import World

# Each policy denies one call, so that what binds can be seen by making them.
CALLS = {"p0": "ListUsers", "p1": "ListGroups", "p2": "ListRoles"}
ACCOUNTS = {"a": "111111111111", "b": "222222222222"}
UNITS = ("u", "v")
NAMES = st.sampled_from(sorted(CALLS))
POLICIES = st.lists(NAMES, unique=True, max_size=3)
EMPTY = st.just([])


def policy(call: str) -> dict[str, Any]:
    """A policy that denies a call."""
    statement = {"Effect": "Deny", "Action": f"iam:{call}", "Resource": "*"}
    return {"content": {"Version": "2012-10-17", "Statement": statement}}


@st.composite
def organizations(draw: st.DrawFn) -> str:
    """A file with two accounts somewhere in a small tree, and three policies here and there."""
    places = {name: draw(st.sampled_from(("", *UNITS, "u/w"))) for name in ACCOUNTS}

    def unit(path: str, **below: Any) -> dict[str, Any]:
        here = [name for name, place in places.items() if place == path]
        return {"policies": draw(POLICIES), "accounts": here, **below}

    inner = {"organizational_units": {"w": unit("u/w")}}
    units = {"u": unit("u", **inner), "v": unit("v")}
    accounts = {
        name: {"email": f"{name}@example.com", "id": id_, "policies": draw(POLICIES)}
        for name, id_ in ACCOUNTS.items()
    }
    return json.dumps(
        {
            "policy_types": ["SERVICE_CONTROL_POLICY"],
            "policies": {name: policy(call) for name, call in CALLS.items()},
            "root": unit("", organizational_units=units),
            "accounts": accounts,
        }
    )


def denied(world: World, account_id: str) -> frozenset[str]:
    """Which calls the account's root user may not make at the moment."""
    acting = world.installation.acting.as_owner(account_id, account_id, world.installation.clock())
    client = world.client.as_other(Keys(*acting))
    refused = set()
    for name, call in CALLS.items():
        try:
            client.call("iam", call)
        except AwsError as error:
            assert error.code == "AccessDenied"
            refused.add(name)
    return frozenset(refused)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(first=organizations(), second=organizations())
def test_nobody_is_let_through_while_a_file_is_applied(first: str, second: str) -> None:
    """At every step an account is refused all that it was before, or all that it will be."""
    world = World()
    world.apply(first)
    before = {id_: denied(world, id_) for id_ in ACCOUNTS.values()}
    plan, state = plan_of(parse_description(second.encode(), "o"), world.sessions, prune=True)
    steps: list[dict[str, frozenset[str]]] = []

    def look(_what: str, _count: int) -> None:
        steps.append({id_: denied(world, id_) for id_ in ACCOUNTS.values()})

    execute(plan, world.sessions, state.names, lambda *_: None, report=look)
    after = {id_: denied(world, id_) for id_ in ACCOUNTS.values()}
    for step in steps:
        for id_, refused in step.items():
            assert refused >= before[id_] or refused >= after[id_]


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(first=organizations(), second=organizations())
def test_twice_is_once_and_an_export_is_the_same(first: str, second: str) -> None:
    """After any two files the second plans nothing more, and neither does the export.

    An account whose policies forbid to read its IAM is exported without.
    """
    world = World()
    world.apply(first)
    world.apply(second, prune=True)
    assert world.plan(second, prune=True).changes == []
    exported = write_description(read_state(world.sessions, lambda _: True))
    plan = world.plan(exported, prune=True)
    assert plan.changes == []
    assert plan.leftovers == []
