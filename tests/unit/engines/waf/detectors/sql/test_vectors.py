"""Attacks by technique and dialect are found, harmless text of every kind is not: vectors of our own."""

import pytest

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.sql import SQL
from masugata.engines.waf.detectors.sql.signs import LIKELY, SURE
from sql_injection import ATTACKS, HARMLESS

PIECES = ("split over fields", "names of the database", "goes on from the query")


@pytest.mark.parametrize("record", ATTACKS, ids=lambda record: record["value"][:40])
def test_attack(record: dict[str, str]) -> None:
    """Every technique is found in a query argument, with a part of the value as evidence."""
    evidence = SQL.detect(record["value"].encode(), Place.QUERY_ARGUMENT)
    assert evidence is not None
    assert LIKELY <= evidence.score <= 100
    assert evidence.family == "sqli"
    assert evidence.reason
    assert evidence.matched[0]


@pytest.mark.parametrize("record", HARMLESS, ids=lambda record: record["value"][:40])
def test_harmless(record: dict[str, str]) -> None:
    """Text is text in every place, at the higher sensitivity too."""
    for place in Place:
        assert SQL.detect(record["value"].encode(), place) is None


def test_most_attacks_are_sure() -> None:
    """Sensitivity LOW still matches most techniques; to HIGH it leaves probes and cuts, and all pieces."""
    whole = [record for record in ATTACKS if record["technique"] not in PIECES]
    found = [SQL.detect(record["value"].encode(), Place.FORM_FIELD) for record in whole]
    sure = [evidence for evidence in found if evidence is not None and evidence.score >= SURE]
    assert len(sure) >= 0.8 * len(whole)


@pytest.mark.parametrize("technique", PIECES)
def test_pieces_are_never_sure(technique: str) -> None:
    """What is but a piece of a query shows that somebody tries; at sensitivity LOW it passes."""
    pieces = [record["value"].encode() for record in ATTACKS if record["technique"] == technique]
    assert pieces
    for value in pieces:
        evidence = SQL.detect(value, Place.FORM_FIELD)
        assert evidence is not None
        assert evidence.score < SURE, value


def test_places_have_parts() -> None:
    """In paths and raw bodies a reading begins at each part too."""
    assert SQL.detect(b"/items/1 or 1=1", Place.PATH) is not None
    assert SQL.detect(b"name=some words&id=1 or 1=1", Place.RAW_BODY) is not None
    assert SQL.detect(b"some words 1 or 1=1", Place.FORM_FIELD) is None


def test_no_limit_of_five_tokens() -> None:
    """What stands before the attack may be long, as long as it is a query's."""
    long = b"1" + b"+1" * 200
    assert SQL.detect(long + b" or 2=2", Place.QUERY_ARGUMENT) is not None
    assert SQL.detect(long, Place.QUERY_ARGUMENT) is None
    endless = b"1" + b"+1" * 20_000
    assert SQL.detect(endless + b" or 2=2", Place.QUERY_ARGUMENT) is not None
    assert SQL.detect(endless, Place.QUERY_ARGUMENT) is None
    assert SQL.detect(b"' /*" + b"x" * 60_000 + b"*/ or 1=1--", Place.QUERY_ARGUMENT) is not None


def test_evidence_is_short() -> None:
    """What is logged of a value is bounded."""
    evidence = SQL.detect(b"' or 1=1 union select " + b"1," * 5000, Place.COOKIE)
    assert evidence is not None
    assert len(evidence.matched[0]) <= 200
