"""IP addresses as numbers, and sets of them."""

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

_MAPPED = 96  # bits before an address of IPv4 in one of IPv6


class Address(msgspec.Struct, frozen=True):
    """An address; of IPv4 also where it is written as IPv6 (`::ffff:192.0.2.1`)."""

    version: int
    number: int
    text: str


def parse_address(text: str) -> Address | None:
    """An address without port, brackets and zone, or None."""
    try:
        found = ip_address(text.strip(" \t"))
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return None
        found = found.ipv4_mapped or found
    return Address(found.version, int(found), str(found))


class AddressSet:
    """CIDRs as ranges that do not overlap: one search, however many there are."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, cidrs: Iterable[str]) -> None:
        """Raises ValueError for what is no CIDR."""
        ranges: dict[int, list[tuple[int, int]]] = {4: [], 6: []}
        for text in cidrs:
            network = _network(text)
            ranges[network.version].append((int(network.network_address), int(network.broadcast_address)))
        self._starts: dict[int, list[int]] = {}
        self._ends: dict[int, list[int]] = {}
        for version, found in ranges.items():
            merged = _merge(found)
            self._starts[version] = [start for start, _ in merged]
            self._ends[version] = [end for _, end in merged]

    def __contains__(self, address: Address) -> bool:
        """Whether one of the CIDRs holds it."""
        index = bisect_right(self._starts[address.version], address.number)
        return index > 0 and address.number <= self._ends[address.version][index - 1]


def _network(text: str) -> IPv4Network | IPv6Network:
    """A CIDR; of IPv4 also where it is written as IPv6, for that is what becomes of the addresses in it."""
    network = ip_network(text, strict=False)
    mapped = network.network_address
    if isinstance(mapped, IPv6Address) and mapped.ipv4_mapped is not None and network.prefixlen >= _MAPPED:
        return IPv4Network((mapped.ipv4_mapped, network.prefixlen - _MAPPED))
    return network


def _merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
