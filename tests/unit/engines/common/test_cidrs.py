"""Addresses and ranges, and what is neither."""

import pytest

from masugata.engines.common import parse_address, parse_range


def test_ranges():
    """A range is its first and last address; host bits may be set; an address is a range of one."""
    assert parse_range("192.168.0.17/16") == (4, 0xC0A80000, 0xC0A8FFFF)
    assert parse_range("10.0.0.1") == (4, 0x0A000001, 0x0A000001)
    assert parse_range("::/0") == (6, 0, 2**128 - 1)


@pytest.mark.parametrize(
    "text", ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "fe80::1%eth0/64", "1" * 99]
)
def test_not_a_range(text):
    """Masks, zones and anything else are not ranges."""
    assert parse_range(text) is None


@pytest.mark.parametrize("text", ["", "10.0.0.256", "010.0.0.1", "fe80::1%eth0", "a" * 99])
def test_not_an_address(text):
    """Octal octets, zones and long text are not addresses."""
    assert parse_address(text) is None
