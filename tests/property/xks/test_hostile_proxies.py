"""A short run of the fuzz target of proxies, on every push."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_xks as target
from fuzz.mutation import mutated
from masugata.engines import keys
from masugata.xks.answers import decrypted, encrypted
from masugata.xks.connections import read_answer


@settings(max_examples=300, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_answers(random: Random) -> None:
    """A damaged answer is refused, or is right."""
    target.fuzz_one(mutated(random, target.SEEDS, target.PIECES))


def test_seeds() -> None:
    """The seeds reach what they are for: none is refused but the refusal."""
    for seed in target.SEEDS:
        target.fuzz_one(seed)
    assert encrypted(read_answer(target.SEEDS[2][1:]), target.SIZE, target.CONTEXT).metadata == b"m"
    assert decrypted(read_answer(target.SEEDS[3][1:]), target.SIZE) == b"p" * target.SIZE
    assert keys.header_of(target.SEEDS[5][1:]) == target.IDS
