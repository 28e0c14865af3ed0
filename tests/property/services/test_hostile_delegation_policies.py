"""A short run of the fuzz target of delegation policies, on every push."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_delegation_policy as target
from fuzz.mutation import mutated


@settings(max_examples=300, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_policies(random: Random) -> None:
    """A damaged policy is refused with a reason, or delegates what can be, to members only."""
    target.fuzz_one(mutated(random, target.SEEDS, target.PIECES))


def test_seeds() -> None:
    """The seeds reach what they are for: none is refused."""
    for seed in target.SEEDS:
        target.fuzz_one(seed)
        target.stored_resource_policy(target.CALL, target.ORGANIZATION, seed.decode("latin-1"))
