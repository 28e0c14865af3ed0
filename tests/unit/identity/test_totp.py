"""One-time passwords against the RFCs' vectors and another implementation."""

import json
from base64 import b32encode
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.identity.totp import code_at, last_match, last_pair, step_at

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "totp" / "rfc.json").read_text())
SEED = b"12345678901234567890"
SIZES = {"sha1": 20, "sha256": 32, "sha512": 64}


def test_hotp_of_the_rfc() -> None:
    """The ten codes of RFC 4226, appendix D."""
    assert [code_at(SEED, counter) for counter in range(10)] == VECTORS["hotp"]


@pytest.mark.parametrize("digest", SIZES)
@pytest.mark.parametrize("row", VECTORS["totp"], ids=[row["time"] for row in VECTORS["totp"]])
def test_totp_of_the_rfc(row: dict[str, str], digest: str) -> None:
    """The eighteen codes of RFC 6238, appendix B."""
    step = step_at(datetime.fromtimestamp(int(row["time"]), UTC))
    assert code_at((SEED * 4)[: SIZES[digest]], step, digits=8, digest=digest) == row[digest]


@given(st.binary(min_size=14, max_size=80), st.integers(0, 2**33))
def test_equals_another_implementation(seed: bytes, seconds: int) -> None:
    """pyotp, as an authenticator app, shows the same code at any time for any seed."""
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_at(seed, step_at(moment)) == pyotp.TOTP(b32encode(seed).decode()).at(moment)


@given(st.integers(0, 2**32), st.integers(0, 12))
def test_match_names_the_step(first: int, distance: int) -> None:
    """A code is found at its own step, or at a later one that has the same code by chance."""
    found = last_match(SEED, code_at(SEED, first + distance), range(first, first + 13))
    assert found is not None
    assert found >= first + distance
    assert code_at(SEED, found) == code_at(SEED, first + distance)


@given(st.integers(0, 2**32), st.integers(0, 12))
def test_pair_names_the_first_step(first: int, distance: int) -> None:
    """Two consecutive codes are found at the step of the first one."""
    codes = code_at(SEED, first + distance), code_at(SEED, first + distance + 1)
    assert last_pair(SEED, *codes, range(first, first + 13)) == first + distance


def test_of_two_steps_with_one_code_the_last_counts() -> None:
    """A code that two steps in the window share is spent for both."""
    earlier, later = 103_424, 103_427
    assert code_at(SEED, earlier) == code_at(SEED, later)
    assert last_match(SEED, code_at(SEED, earlier), range(earlier, later + 1)) == later


@pytest.mark.parametrize("code", ["", "94287", "9428708", "abcdef", "٢٨٧٠٨٢", " 87082", "28708٢"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    """Other lengths, letters and other scripts' digits are no code, nor an error."""
    assert last_match(SEED, code, range(50)) is None
    assert last_pair(SEED, code, code, range(50)) is None


def test_pair_is_not_put_together_from_parts() -> None:
    """Where one code ends and the next begins counts."""
    one, two = code_at(SEED, 1), code_at(SEED, 2)
    assert last_pair(SEED, one[:5], one[5:] + two, range(3)) is None
    assert last_pair(SEED, f"{one} {two}", "", range(3)) is None
    assert last_pair(SEED, one, two, range(3)) == 1
