"""A short run of the fuzz targets of the wire, on every push."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_cbor, fuzz_wire
from fuzz.mutation import mutated


@pytest.mark.parametrize("data", fuzz_wire.SEEDS, ids=range(len(fuzz_wire.SEEDS)))
def test_seeds(data: bytes) -> None:
    """The seeds themselves are answered."""
    fuzz_wire.fuzz_one(data)


@settings(max_examples=1000, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_requests(random: Random) -> None:
    """A damaged request is parsed or refused with an AwsError, never a traceback."""
    fuzz_wire.fuzz_one(mutated(random, fuzz_wire.SEEDS, fuzz_wire.PIECES))


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    """So is what never was a request."""
    fuzz_wire.fuzz_one(data)


@pytest.mark.parametrize("data", fuzz_cbor.SEEDS, ids=range(len(fuzz_cbor.SEEDS)))
def test_cbor_seeds(data: bytes) -> None:
    """The seeds of CBOR are read, not refused."""
    fuzz_cbor.load(data)
    fuzz_cbor.fuzz_one(data)


@settings(max_examples=1000, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_cbor(random: Random) -> None:
    """Damaged CBOR is read within bounds and typed as the model says, or refused with an AwsError."""
    fuzz_cbor.fuzz_one(mutated(random, fuzz_cbor.SEEDS, fuzz_cbor.PIECES))
