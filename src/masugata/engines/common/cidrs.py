"""IP addresses and ranges as integers, so that a comparison is two comparisons of integers."""

from functools import lru_cache
from ipaddress import ip_address, ip_network

_LONGEST = 64  # an IPv6 address with a prefix length fits; longer text is never an address

Address = tuple[int, int]
AddressRange = tuple[int, int, int]


def parse_address(text: str) -> Address | None:
    """Return (IP version, address as an integer), or None if `text` is not an address."""
    return _parse_address(text) if len(text) <= _LONGEST else None


def parse_range(text: str) -> AddressRange | None:
    """Return (IP version, first, last) of an address or CIDR range, or None if `text` is neither.

    Host bits may be set (RFC 4632 notation, read as AWS reads it): `192.168.0.1/8` is `192.0.0.0/8`.
    """
    if len(text) > _LONGEST:
        return None
    address, _, prefix = text.partition("/")
    if ("/" in text and not (prefix.isascii() and prefix.isdigit())) or "%" in address:
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return network.version, int(network.network_address), int(network.broadcast_address)


@lru_cache(maxsize=4096)
def _parse_address(text: str) -> Address | None:
    if "%" in text:  # a zone means something only on the machine that wrote it
        return None
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.version, int(address)
