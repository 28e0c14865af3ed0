"""A short run of the fuzz target, on every push."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.fuzz_wire import SEEDS, mutated, one_input


@pytest.mark.parametrize("data", SEEDS, ids=range(len(SEEDS)))
def test_seeds(data: bytes) -> None:
    """The seeds themselves are answered."""
    one_input(data)


@settings(max_examples=500, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_requests(random: Random) -> None:
    """A damaged request is parsed or refused with an AwsError, never a traceback."""
    one_input(mutated(random))


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    """So is what never was a request."""
    one_input(data)
