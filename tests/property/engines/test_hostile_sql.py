"""A short run of the fuzz target of the SQL lexer on every push."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from fuzz import fuzz_sql
from fuzz.mutation import mutated


@given(st.randoms(use_true_random=False))
def test_mutated_values(random: Random) -> None:
    """Damaged attacks and text neither stop the lexer nor make evidence of what is not there."""
    fuzz_sql.fuzz_one(mutated(random, fuzz_sql.SEEDS, fuzz_sql.PIECES))


@given(st.binary(max_size=200))
def test_bytes(data: bytes) -> None:
    """Nor do any bytes."""
    fuzz_sql.fuzz_one(data)
