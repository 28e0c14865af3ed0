"""Hyperscan: what is kept between starts, what it refuses, and threads."""

import threading

import pytest

from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching import (
    SOMEWHERE,
    NoDatabases,
    Pattern,
    choose_engine,
    hint_pattern,
    user_pattern,
)

ENGINE = choose_engine("hyperscan")
FOUR = tuple(user_pattern(text) for text in ("coffee", "^tea$", r"a(^b|c)", "x*"))
"""The third is refused by Hyperscan, and the fourth matches everything."""


class Kept(dict[str, bytes]):
    """Databases in memory."""

    def put(self, key: str, value: bytes) -> None:
        """Keep it."""
        self[key] = value


def test_compiled_patterns_are_kept_and_taken_up_again() -> None:
    """The second start compiles nothing: it finds the same from what the first has kept."""
    kept = Kept()
    first = ENGINE.compile(FOUR, kept)
    (key,) = kept
    again = ENGINE.compile(FOUR, kept)
    assert list(kept) == [key]
    for text in (b"coffee", b"tea", b"ac", b""):
        assert sorted(first(text)) == sorted(again(text))


def test_what_is_kept_is_named_by_the_patterns() -> None:
    """Other patterns, or the same as hints, never get what was compiled for these."""
    kept = Kept()
    ENGINE.compile((Pattern(b"a"),), kept)
    ENGINE.compile((Pattern(b"a", hint=True),), kept)
    ENGINE.compile((Pattern(b"b"),), kept)
    assert len(kept) == 3


@pytest.mark.parametrize("damage", [b"", b"\x00", b"\x93\x01\x90\xc4\x01x"])
def test_damaged_databases_are_compiled_anew(damage: bytes) -> None:
    """What cannot be read back is not an error, and is replaced."""
    kept = Kept()
    ENGINE.compile(FOUR, kept)
    (key,) = kept
    whole = kept[key]
    kept[key] = damage
    assert sorted(ENGINE.compile(FOUR, kept)(b"coffee")) == [0, 3]
    assert len(kept[key]) == len(whole)


def test_one_flipped_byte_is_noticed() -> None:
    """The database's checksum is checked before it is run."""
    kept = Kept()
    ENGINE.compile(FOUR[:1], kept)
    (key,) = kept
    whole = bytearray(kept[key])
    whole[len(whole) // 2] ^= 0x40
    kept[key] = bytes(whole)
    assert ENGINE.compile(FOUR[:1], kept)(b"coffee") == [0]


def test_refused_patterns_go_to_re2() -> None:
    """An anchor within an alternative is no reason to lose a rule."""
    scan = ENGINE.compile(FOUR, NoDatabases())
    assert 2 in scan(b"xac")
    assert 2 not in scan(b"xab")


@pytest.mark.parametrize("expression", ["(", "(?=a)", r"(a)\1", "a{1,40000}", r"\R"])
def test_patterns_that_no_engine_takes_are_named(expression: str) -> None:
    """The error has the pattern, whichever of many it is, and Hyperscan's words."""
    with pytest.raises(InvalidPatternError) as caught:
        ENGINE.compile((*FOUR, user_pattern(expression)), NoDatabases())
    assert caught.value.pattern == expression.encode()
    assert caught.value.problem


def test_threads_share_one_scanner() -> None:
    """Hyperscan lets others run while it scans: each thread has a scratch of its own."""
    scan = ENGINE.compile(FOUR, NoDatabases())
    data = b"." * 20_000 + b"coffee"
    found: list[list[int]] = []

    def work() -> None:
        found.extend(sorted(scan(data)) for _ in range(200))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[0, 3]] * 800


def test_a_pattern_is_not_missed_beside_another() -> None:
    """Told to report each pattern once, Hyperscan missed the first for what stands before its match."""
    braces = hint_pattern(
        r"[$#*~]\{[^}]{0,60}(?:class\.|\.class|getclass|classloader|runtime|processbuilder|forname|system\.|"
        r"exec\(|new java|\"\"\.|''\.|t\(|request\.|session\.|applicationscope|sessionscope|requestscope|"
        r"pagecontext|facescontext)"
    )
    lookup = hint_pattern(r"\$\{\s{0,4}jndi")
    text = b"getclass}lower:*{class. "
    assert ENGINE.compile((braces,), NoDatabases())(text) == [0]
    assert ENGINE.compile((braces, lookup), NoDatabases())(text) == [0]


def test_text_that_matches_everywhere_is_looked_at_to_its_end() -> None:
    """After a thousand matches each pattern is looked for alone, and so are hints."""
    patterns = (*(user_pattern(text) for text in ("a", "x*", "[ab]", "z$", "q")), hint_pattern("never"))
    scan = ENGINE.compile(patterns, NoDatabases())
    assert sorted(scan(b"a" * 10_000 + b"z")) == [0, 1, 2, 3]
    assert sorted(scan(b"az")) == [0, 1, 2, 3]


def test_it_tells_where_matches_end() -> None:
    """As far as it looked to the end, and did not ask RE2."""
    assert sorted(ENGINE.compile(FOUR[:2], NoDatabases()).spots(b"coffee, coffee")) == [(0, 6), (0, 14)]
    assert (2, SOMEWHERE) in ENGINE.compile(FOUR, NoDatabases()).spots(b"xac")
    assert ENGINE.compile((Pattern(b"a"),), NoDatabases()).spots(b"a" * 10_000) == [(0, SOMEWHERE)]


def test_one_hint_that_matches_everywhere_makes_its_family_fire_and_no_other() -> None:
    """Families are looked for apart, and it is told where they match; a single byte is one of its own."""
    texts = [hint_pattern(f"word{number:03}", f"family {number // 10}") for number in range(100)]
    patterns = (*texts, hint_pattern(r"[\x00-\x08]", "family 1"), hint_pattern("x.?", "family 2"))
    scan = ENGINE.compile(patterns, NoDatabases())
    assert scan(bytes(10_000)) == [100]
    text = b"x" * 10_000 + b" word007 " + b"x" * 10_000
    everywhere = [(number, SOMEWHERE) for number in (*range(20, 30), 101)]
    assert sorted(scan.spots(text)) == [(7, 10_008), *everywhere]
    text = b"x" * 100 + bytes(10_000) + b" word007 " + b"x" * 100
    assert sorted(scan.spots(text)) == [(7, 10_108), *everywhere[:-1], (100, SOMEWHERE), everywhere[-1]]


def test_a_family_that_is_given_up_has_none_of_what_is_refused() -> None:
    """Hints keep their numbers where one of them goes to RE2."""
    scan = ENGINE.compile(tuple(map(hint_pattern, ["a(^b|c)", "x", "yz"])), NoDatabases())
    assert sorted(scan.spots(b"x" * 10_000)) == [(1, SOMEWHERE), (2, SOMEWHERE)]
    assert (0, SOMEWHERE) in scan.spots(b"x" * 10_000 + b"ac")
