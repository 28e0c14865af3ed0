"""Query strings and cookies, as they were sent."""

import pytest

from masugata.engines.waf.parsing.cookies import parse_cookies, quoted_texts
from masugata.engines.waf.parsing.query import MAX_ARGUMENTS, combined, parse_query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", ()),
        (b"a=1&b=2", ((b"a", b"1"), (b"b", b"2"))),
        (b"a=1&a=2&A=3", ((b"a", b"1"), (b"a", b"2"), (b"A", b"3"))),
        (b"a", ((b"a", b""),)),
        (b"=b", ((b"", b"b"),)),
        (b"a=b=c", ((b"a", b"b=c"),)),
        (b"&&a=1&", ((b"a", b"1"),)),
        (b"%61=%27+\0\xff", ((b"%61", b"%27+\0\xff"),)),
        (b"a=1;b=2", ((b"a", b"1;b=2"),)),
    ],
)
def test_arguments(query: bytes, expected: tuple[tuple[bytes, bytes], ...]) -> None:
    """Nothing is decoded, sorted or merged."""
    assert parse_query(query) == expected


def test_too_many_arguments_are_all_seen() -> None:
    """Of more than 10,000 the rest is one value."""
    most = b"&".join([b"a=1"] * MAX_ARGUMENTS)
    assert parse_query(most) == ((b"a", b"1"),) * MAX_ARGUMENTS
    more = parse_query(most + b"&evil=2")
    assert len(more) == MAX_ARGUMENTS
    assert more[-1] == (b"", b"a=1&evil=2")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", []),
        (b"a=1&b=2&A=3", []),
        (b"a=1&b=2&a=3&b=4&c&a=", [b"1,3,", b"2,4"]),
    ],
)
def test_arguments_of_one_name_together(query: bytes, expected: list[bytes]) -> None:
    """As applications have them that make one value of several."""
    assert combined(parse_query(query)) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b'a="1"; b=2', []),
        (rb'$Version=1; a="\1\' \"x\"\\"; b="3"', [b'1\' "x"\\']),
        (rb'a="\047\101\9"', [b"'A9"]),
        (b'a="1; id"; b=2', [b"1; id"]),
        (rb'a="\x', [b"x"]),
        (b'a="\\', []),
    ],
)
def test_quoted_cookies(header: bytes, expected: list[bytes]) -> None:
    """Escapes are read, and a semicolon between quotes ends nothing."""
    assert quoted_texts(header) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], ()),
        ([b"a=1; b=2"], ((b"a", b"1"), (b"b", b"2"))),
        ([b"a=1", b"a=2"], ((b"a", b"1"), (b"a", b"2"))),
        ([b"a = 1 ;;b=x=y"], ((b"a", b"1"), (b"b", b"x=y"))),
        ([b"alone; =v"], ((b"alone", b"alone"), (b"", b"v"))),
    ],
)
def test_cookies(headers: list[bytes], expected: tuple[tuple[bytes, bytes], ...]) -> None:
    """Several headers count together; a cookie without `=` is name and value."""
    assert parse_cookies(headers) == (expected, False)


def test_too_many_cookies() -> None:
    """The first 200 within the first 8 KiB, and that there are more."""
    exactly = b"; ".join([b"a=1"] * 200)
    assert parse_cookies([exactly])[1] is False
    assert len(parse_cookies([exactly + b"; b=2"])[0]) == 200
    assert parse_cookies([exactly + b"; b=2"])[1] is True
    assert parse_cookies([exactly + b"; "])[1] is False
    assert parse_cookies([b"a=" + b"x" * 8190])[1] is False
    cookies, oversize = parse_cookies([b"a=" + b"x" * 8191])
    assert oversize
    assert cookies == ((b"a", b"x" * 8190),)
