"""What others publish, and what only looks like it."""

import pytest

from masugata.engines.waf.ranges import Ranges
from masugata.feeds import FeedError
from masugata.feeds._reading import read_list, read_table


@pytest.mark.parametrize(
    "content",
    [
        b"1.2.3.0/24\n1.2.4.0/24\n2a00::/24\n",
        b"\xef\xbb\xbf# a list\r\n1.2.3.0/24 ; evil\r\n\r\n1.2.4.0/24 // so is this\r\n2a00::/24\r\n",
        b"1.2.3.0-1.2.4.255\n2a00::-2a00:ff:ffff:ffff:ffff:ffff:ffff:ffff\n",
        b"1.2.3.0/25,spam\n1.2.3.128/25\n1.2.4.0/24\n2a00::/24",
        b'{"prefixes":[{"ipv4Prefix":"1.2.3.0/24"},{"ipv4Prefix":"1.2.4.0/24"},{"ipv6Prefix":"2a00::/24"}]}',
        b'{"cidr":"1.2.3.0/24","sblid":"x"}\n{"cidr":"1.2.4.0/24"}\n{"cidr":"2a00::/24"}\n{"type":"metadata"}\n',
        b'["1.2.3.0/24", "1.2.4.0/24", "2a00::/24", "hello"]',
    ],
)
def test_lists(content) -> None:
    """Texts and JSON of the usual forms give the same networks, joined and in order."""
    assert read_list(content) == ("1.2.3.0/24", "1.2.4.0/24", "2a00::/24")


def test_private_addresses_are_left_out() -> None:
    """Lists of all that is not public do not make one's own network an attacker."""
    assert read_list(b"10.0.0.0/8\n127.0.0.1\n192.168.1.1\nfe80::1\n8.8.8.8\n") == ("8.8.8.8/32",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no public address"),
        (b"# nothing today\n", "no public address"),
        (b"10.0.0.0/8\n", "no public address"),
        (b"0.0.0.0/0\n", "too wide"),
        (b"8.0.0.0/7\n", "too wide"),
        (b"2000::/3\n", "too wide"),
        (b"<!doctype html>\n<html>\n<body>\nNot found\n</body>\n", "are no addresses"),
        (b"\xff\xfe1.2.3.4", "not text"),
        (b'{"prefixes": [', "no JSON"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_what_is_no_list(content, why) -> None:
    """Pages, mistakes and emptiness are refused."""
    with pytest.raises(FeedError, match=why):
        read_list(content)


def lines(count: int, value: str) -> bytes:
    """That many networks of 256 addresses."""
    return b"".join(b"%d,%d,%s\n" % (n << 9, (n << 9) + 255, value.encode()) for n in range(1, count + 1))


def test_tables() -> None:
    """Numbers and addresses, of both versions, in one file or two."""
    six = b'2a00::,2a00:0:0:ffff:ffff:ffff:ffff:ffff,"jp"\n'
    table = Ranges(read_table("countries", [lines(1_000, "DE"), six], {"source": "here"}))
    assert table.country_of(4, (7 << 9) + 1) == "DE"
    assert table.country_of(4, (7 << 9) + 256) is None
    assert table.country_of(6, 0x2A00 << 112) == "JP"
    assert table.header["source"] == "here"
    systems = Ranges(read_table("systems", [lines(1_000, "64500")], {}))
    assert systems.system_of(4, 1 << 9) == 64500


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (lines(999, "DE"), "a table of 999 ranges"),
        (lines(1_000, "DE") + b"1,2\n", "line 1001"),
        (lines(1_000, "DE") + b"a,b,DE\n", "line 1001"),
        (lines(1_000, "DE") + b"1,2,DEU\n", "as its value"),
        (lines(1_000, "DE") + b"9,1,DE\n", "is no range"),
        (b"\xff" * 10, "not text"),
    ],
)
def test_what_is_no_table(content, why) -> None:
    """One bad line is enough."""
    with pytest.raises(FeedError, match=why):
        read_table("countries", [content], {})
