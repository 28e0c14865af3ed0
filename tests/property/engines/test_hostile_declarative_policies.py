"""A short run of the fuzz target of declarative policies, on every push."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_inheritance
from fuzz.mutation import mutated


@settings(max_examples=300, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_policies(random: Random) -> None:
    """A damaged policy is refused as malformed, or adds up without an exception."""
    fuzz_inheritance.fuzz_one(mutated(random, fuzz_inheritance.SEEDS, fuzz_inheritance.PIECES))


def test_seeds() -> None:
    """The seeds reach what they are for: none is refused."""
    for seed in fuzz_inheritance.SEEDS:
        fuzz_inheritance.fuzz_one(seed)
        fuzz_inheritance.check_policy(fuzz_inheritance.TYPES[seed[0]], seed[1:].decode())
