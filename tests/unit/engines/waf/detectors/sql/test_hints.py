"""Hyperscan and the detector agree: what no hint matches is no attack."""

import re
from itertools import product
from random import Random

import hyperscan
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz import fuzz_sql
from fuzz.mutation import mutated
from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.sql import SQL, detector
from sql_injection import ATTACKS, HARMLESS

FLAGS = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_SINGLEMATCH


@pytest.fixture(scope="module")
def database() -> hyperscan.Database:
    """All hints in one database, as the plan compiles them."""
    made = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    made.compile(expressions=[hint.encode("latin-1") for hint in SQL.hints], flags=FLAGS)
    return made


def hinted(database: hyperscan.Database, value: bytes) -> set[int]:
    """The hints that match."""
    seen: list[int] = []
    database.scan(value, match_event_handler=lambda number, *_: seen.append(number))
    return set(seen)


def test_every_attack_is_hinted(database: hyperscan.Database) -> None:
    """No vector that the detector finds passes Hyperscan unseen."""
    for record in ATTACKS:
        assert hinted(database, record["value"].encode()), record


def test_hints_tell_where_to_look(database: hyperscan.Database) -> None:
    """Told which hints match, the detector says what it says unasked, of vectors alone and within text."""
    for record in (*ATTACKS, *HARMLESS):
        for value in (record["value"].encode(), b"some text " + record["value"].encode() + b" and more"):
            if hints := hinted(database, value):
                found = SQL.detect_hinted(value, Place.FORM_FIELD, hints)
                assert found == SQL.detect(value, Place.FORM_FIELD), value


def test_most_text_is_not(database: hyperscan.Database) -> None:
    """Text made to look like SQL is looked at, a third of it at most; tokens and names mostly are not."""
    looked_at = [record for record in HARMLESS if hinted(database, record["value"].encode())]
    assert len(looked_at) < len(HARMLESS) / 2
    for kind in ("names", "tokens", "other languages", "e-mail and addresses"):
        of_kind = [record for record in HARMLESS if record["kind"] == kind]
        assert sum(record in looked_at for record in of_kind) <= len(of_kind) / 4, kind


@given(random=st.randoms(use_true_random=False), place=st.sampled_from(Place))
def test_mutated_attacks(database: hyperscan.Database, random: Random, place: Place) -> None:
    """However an attack is damaged: what is found was hinted at."""
    value = mutated(random, [record["value"].encode() for record in ATTACKS], fuzz_sql.PIECES)
    if (found := SQL.detect(value, place)) is not None:
        hints = hinted(database, value)
        assert hints
        assert SQL.detect_hinted(value, place, hints) == found


@given(value=st.binary(max_size=60) | st.lists(st.sampled_from(fuzz_sql.PIECES), max_size=12).map(b"".join))
def test_made_up_values(database: hyperscan.Database, value: bytes) -> None:
    """Nor is anything found without a hint in bytes at random and in pieces of SQL."""
    if SQL.detect(value, Place.QUERY_ARGUMENT) is not None:
        assert hinted(database, value)


_AS_HYPERSCAN_HAS_THEM = re.compile(
    "|".join(f"(?:{hint})" for hint in SQL.hints).encode("latin-1"), re.IGNORECASE | re.DOTALL
)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"||", b"|", b"&&", b" ", b"x=", b"1"),
        (b"or", b"|", b"&", b"\n", b"x=", b"a"),
        (b"/*", b"*/", b"/", b"!1", b"\n", b"x"),
        (b"(", b" ", b"\n", b"a", b"/*!1", b"select "),
        (b";", b" ", b"a", b"'", b"drop ", b"x"),
    ],
)
def test_what_the_detector_holds_itself_to(pieces: tuple[bytes, ...]) -> None:
    """Hints spelt so that rows of line ends, connectives and comments cost little say what hints say."""
    for value in map(b"".join, product(pieces, repeat=6)):
        expected = _AS_HYPERSCAN_HAS_THEM.search(value) is not None
        assert detector._has_hint(value, 0, len(value)) == expected, value
