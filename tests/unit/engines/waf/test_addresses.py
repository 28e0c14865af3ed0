"""Addresses and sets of them."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masugata.engines.waf.addresses import AddressSet, parse_address

NETWORKS = st.one_of(
    st.builds(
        lambda n, p: ipaddress.ip_network((n, p), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32)
    ),
    st.builds(
        lambda n, p: ipaddress.ip_network((n << 64, p), strict=False),
        st.integers(0, 2**64 - 1),
        st.integers(0, 128),
    ),
)


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.4:80", "[::1]", "fe80::1%eth0", "01.2.3.4", "1.2.3.4\n", "x"]
)
def test_what_is_no_address(text: str) -> None:
    """Ports, brackets, zones and leading zeros are none of it."""
    assert parse_address(text) is None


def test_blanks_around_an_address_are_none_of_it() -> None:
    """As they stand in lists."""
    found = parse_address("\t 192.0.2.1 ")
    assert found is not None
    assert found.text == "192.0.2.1"


def test_networks_of_ipv4_written_as_ipv6() -> None:
    """They hold the addresses of IPv4, as which clients there are known, and no more of them."""
    found = AddressSet(["::ffff:192.0.2.0/120", "::ffff:0:0/80"])
    for text in ("192.0.2.7", "::ffff:192.0.2.7"):
        address = parse_address(text)
        assert address is not None
        assert address in found
    other = parse_address("192.0.3.7")
    assert other is not None
    assert other not in found


@given(networks=st.lists(NETWORKS, max_size=20), data=st.data())
def test_sets_hold_what_one_of_their_networks_holds(
    networks: list[ipaddress.IPv4Network], data: st.DataObject
) -> None:
    """Also where networks overlap or touch; edges are tried most."""
    edges = [n for w in networks for n in (int(w.network_address), int(w.broadcast_address))]
    near = st.sampled_from(edges or [0]).flatmap(lambda n: st.sampled_from([n - 1, n, n + 1]))
    number = data.draw(near)
    found = AddressSet(str(network) for network in networks)
    for kind, top in ((ipaddress.IPv4Address, 2**32), (ipaddress.IPv6Address, 2**128)):
        if not 0 <= number < top:
            continue
        address = kind(number)
        parsed = parse_address(str(address))
        assert parsed is not None
        plain = ipaddress.ip_address(parsed.text)
        assert (parsed in found) is any(plain in network for network in networks)
