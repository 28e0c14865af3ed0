"""A short run of the fuzz targets of the WAF's parsers, on every push."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import fuzz_waf_body, fuzz_waf_json, fuzz_waf_transformations
from fuzz.mutation import mutated


@pytest.mark.parametrize("target", [fuzz_waf_body, fuzz_waf_json, fuzz_waf_transformations])
@settings(max_examples=150, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_mutated_requests(target, random: Random) -> None:
    """Damaged bodies and values are read within bounds, and in one way."""
    target.fuzz_one(mutated(random, target.SEEDS, target.PIECES))
