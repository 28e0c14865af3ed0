"""A short run of the fuzz target of the policy checks, on every push, and policies that nearly are ones."""

import json
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_policy_check
from fuzz.mutation import mutated
from property.engines.policy_strategies import statements

_NAMES = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_ODD = st.sampled_from(
    [None, 1, True, "", "*", [], {}, ["*", 1], {"AWS": []}, {"Bool": {"a": []}}, "Allow", "x:y"]
)


@settings(max_examples=150, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_documents(random: Random) -> None:
    """A damaged document is checked without an exception, and has an error if the API refuses it."""
    fuzz_policy_check.fuzz_one(mutated(random, fuzz_policy_check.SEEDS, fuzz_policy_check.PIECES))


@settings(max_examples=150, deadline=None)
@given(found=st.lists(statements(named=True), max_size=2), data=st.data())
def test_what_the_api_refuses_has_an_error(found, data) -> None:
    """Policies with an element taken out, put in or of another type: each refusal is an error here."""
    for statement in found:
        for name in data.draw(st.lists(st.sampled_from(_NAMES), max_size=2)):
            if data.draw(st.booleans()):
                statement.pop(name, None)
            else:
                statement[name] = data.draw(_ODD)
    document = {"Version": "2012-10-17", "Statement": found}
    fuzz_policy_check.fuzz_one(json.dumps(document).encode())
