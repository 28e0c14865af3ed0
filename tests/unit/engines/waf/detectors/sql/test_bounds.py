"""Work is bounded by the length of the value, counted in tokens and readings."""

import pytest

from masugata.engines.waf.detectors import Place
from masugata.engines.waf.detectors.sql import SQL, detector, reader
from masugata.engines.waf.detectors.sql.hints import ALL
from masugata.engines.waf.detectors.sql.lexer import Lexer
from masugata.engines.waf.detectors.sql.starts import MOST_TRIED, starts
from sql_injection import ATTACKS, HARMLESS

SIZE = 65_536
HOSTILE = {
    "quotes": b"'",
    "quotes of all kinds": b"'\"`",
    "conditions": b"' or ",
    "sums": b"1+",
    "parentheses": b"(",
    "subqueries": b"(select ",
    "queries": b"union select ",
    "statements": b"; drop ",
    "comments that never end": b"'/*",
    "comments": b"/**/",
    "backslashes": b"'\\",
    "dollars": b"$$",
    "brackets": b"[",
    "calls": b"pg_sleep(",
    "spaces": b"' ",
    "zeros": b"\0",
    "casts": b"a::",
    "cases": b"case when ",
    "names of many parts": b"a.",
    "quotes behind letters": b"s'",
    "calls with a comma": b"benchmark(1,",
    "comments within words": b"a/**/b",
    "words split over strings": b"u','nion ",
    "quotes that look like others": "\u2019\u2013".encode(),
    "all of these": "a/**/b un','ion \u2019; ".encode(),
    "names and equals signs": b"a=",
    "prose": b"It's the dogs' and cats' dinner; select one or two from the list. ",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("place", [Place.QUERY_ARGUMENT, Place.PATH, Place.RAW_BODY])
def test_tokens_and_readings(unit: bytes, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """However hostile, of 64 KB no more than some thousand tokens are looked at, in some hundred readings."""
    steps = {"tokens": 0, "readings": 0}
    advance, read = Lexer.advance, detector.read

    def counted_advance(self: Lexer) -> int:
        steps["tokens"] += 1
        return advance(self)

    def counted_read(*arguments):
        steps["readings"] += 1
        return read(*arguments)

    monkeypatch.setattr(Lexer, "advance", counted_advance)
    monkeypatch.setattr(detector, "read", counted_read)
    SQL.detect(unit * (SIZE // len(unit)), place)
    assert steps["tokens"] <= 4000
    assert steps["readings"] <= 500


def test_broken_readings_need_no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that is given up early would have had no evidence."""
    values = [
        before + record["value"].encode() + behind
        for record in (*ATTACKS, *HARMLESS)
        for before, behind in ((b"", b""), (b"it's ", b" of ours"), (b'"', b'" x'))
    ]
    found = [SQL.detect(value, Place.FORM_FIELD) for value in values]
    monkeypatch.setattr(reader, "_fruitless", lambda _reading: False)
    assert found == [SQL.detect(value, Place.FORM_FIELD) for value in values]


@pytest.mark.parametrize(
    ("decoy", "attack"), [(b"s'", b"' or 1=1"), (b"(", b"(select"), (b";a", b";drop table a")]
)
def test_searches_end(decoy: bytes, attack: bytes) -> None:
    """What could begin a reading is tried so often and not more; what comes behind it is not found."""
    for times, found in ((8, True), (MOST_TRIED * 3, False)):
        begins = [start.position for start in starts(decoy * times + attack, Place.COOKIE)]
        assert any(begin > 0 for begin in begins) is found


UNION = b" union select password from users-- -"


@pytest.mark.parametrize(
    "value",
    [
        b"1 in (" + b"1," * 700 + b"1)" + UNION,
        b"1 in (" + b"1," * 700 + b"1)" + b" or 1=1-- -",
        b"1 in (" + b"1," * 700 + b"1)" + b"; drop table users-- -",
        b"concat(" + b"a," * 1_200 + b"a)" + UNION,
        b"1 and " + b"(" * 600 + b"1" + b")" * 600 + b" or 1=1-- -",
        b"1" + b" --\n" * 1_200 + b" or 1=1-- -",
        b'x "- x' * 200 + b"' or 1=1-- -",
        b'x " - 1 - 1 - 1 x' * 150 + b"' or 1=1-- -",
        b'x" or b c d e' * 300 + b"' or 1=1-- -",
        b"''" * 3_000 + b" x' or 1=1-- -",
    ],
    ids=lambda value: repr(value[:16]),
)
@pytest.mark.parametrize("behind", [b"", b" x" * 4_000])
def test_an_attack_does_not_hide_behind_what_is_read_before_it(value: bytes, behind: bytes) -> None:
    """Neither behind a long expression nor behind quotes of which nothing comes."""
    found = SQL.detect_hinted(value + behind, Place.FORM_FIELD, ALL)
    assert found is not None
    assert found.score >= 75


@pytest.mark.parametrize(
    "value",
    [
        b",".join(b"%d" % number for number in range(3_000)),
        b", ".join(b"'tag%d'" % number for number in range(3_000)),
        b", ".join(b"anna%d" % number for number in range(2_000)),
        b"\n".join(b"%d;Anna and Bob;'x'--y" % number for number in range(1_500)),
        b'He said "yes" and "no" or "perhaps", which is "all" that we know of it. ' * 40,
    ],
    ids=lambda value: repr(value[:16]),
)
def test_long_lists_are_no_attack(value: bytes) -> None:
    """A value of which not all is read is no evidence for that alone."""
    assert SQL.detect(value, Place.FORM_FIELD) is None


def test_depth() -> None:
    """Parentheses are read to a bounded depth, in both directions, and those of nothing are nothing."""
    assert SQL.detect(b"1 or " + b"(" * 50 + b"1=1" + b")" * 50, Place.COOKIE) is not None
    assert SQL.detect(b"1" + b")" * 300 + b" or 1=1", Place.COOKIE) is not None
    assert SQL.detect(b"(" * 100_000, Place.COOKIE) is None
