"""A short run of the fuzz target of the HTML tokenizer, on every push."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_html
from fuzz.mutation import mutated


@settings(max_examples=300, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_markup(random: Random) -> None:
    """Damaged markup is cut into the tokens of the model, and the detector answers."""
    fuzz_html.fuzz_one(mutated(random, fuzz_html.SEEDS, fuzz_html.PIECES))
