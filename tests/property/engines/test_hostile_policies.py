"""A short run of the fuzz target of policies, on every push."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_policy
from fuzz.mutation import mutated


@settings(max_examples=300, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_policies(random: Random) -> None:
    """A damaged policy is refused with MalformedPolicyError, or decided the same way twice."""
    fuzz_policy.fuzz_one(mutated(random, fuzz_policy.SEEDS, fuzz_policy.PIECES))
