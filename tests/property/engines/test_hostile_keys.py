"""A short run of the fuzz target of keys, on every push."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_keys
from fuzz.mutation import mutated


@settings(max_examples=150, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_damaged_keys(random: Random) -> None:
    """Damaged ciphertexts, keys and wrapped material are refused, or are what they seem."""
    fuzz_keys.fuzz_one(mutated(random, fuzz_keys.SEEDS, fuzz_keys.PIECES))


def test_seeds() -> None:
    """The seeds reach what they are for: none is refused."""
    for seed in fuzz_keys.SEEDS:
        fuzz_keys.fuzz_one(seed)
    for spec, public_key in fuzz_keys.PUBLIC_KEYS.items():
        assert fuzz_keys.read_public_key(spec, public_key)
    assert fuzz_keys.keys.unwrap(
        fuzz_keys.WRAPPING_KEY, "RSA_AES_KEY_WRAP_SHA_256", fuzz_keys.WRAPPED
    ) == bytes(range(32))
