"""Domains of tokens: which host names are read, and which domains may be listed."""

import pytest

from masugata.engines.waf.token_domains import check_token_domain, domain_for, host_domain, within


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (b"Shop.Example", "shop.example"),
        (b"shop.example:8080", "shop.example"),
        (b"shop.example.", "shop.example"),
        (b"localhost", "localhost"),
        (b"192.0.2.1:80", "192.0.2.1"),
        (b"[2001:DB8::1]:443", "[2001:db8::1]"),
        (b"", None),
        (b":80", None),
        (b"shop..example", None),
        (b".example", None),
        (b"-shop.example", None),
        (b"shop.example:port", None),
        (b"shop.example:80:80", None),
        (b"shop example", None),
        (b"a" * 64 + b".example", None),
        (b"a." * 130 + b"example", None),
        ("shöp.example".encode(), None),
        (b"shop.example\0", None),
    ],
)
def test_hosts(host: bytes, expected: str | None) -> None:
    """What a Host header names, or nothing."""
    assert host_domain(host) == expected


def test_within_is_by_labels() -> None:
    """A domain that only ends alike is another."""
    assert within("shop.example", "shop.example")
    assert within("a.b.shop.example", "shop.example")
    assert not within("ashop.example", "shop.example")
    assert not within("example", "shop.example")


def test_the_shortest_domain_with_the_host() -> None:
    """As AWS chooses; without one it is the host."""
    assert domain_for("a.b.example", ["x.example", "b.example", "a.b.example"]) == "b.example"
    assert domain_for("a.example", ["b.example"]) == "a.example"


@pytest.mark.parametrize(
    "text", ["Example.com", "a.example.co.uk", "co.example.com", "amazon.co.uk", "co.uk.example"]
)
def test_domains_that_may_be_listed(text: str) -> None:
    """In lower case."""
    assert check_token_domain(text) == text.lower()


@pytest.mark.parametrize(
    "text",
    ["com", "co.uk", "gov.au", "CO.JP", "ne.jp", "", "a..b", ".example.com", "192.0.2.1", "[::1]", "*.a.b"],
)
def test_domains_that_may_not(text: str) -> None:
    """Public suffixes, addresses, and what is no domain."""
    with pytest.raises(ValueError, match=r"is (not a domain|a public suffix)"):
        check_token_domain(text)
