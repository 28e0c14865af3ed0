"""Who is behind a connection, and what a trusted proxy in front of us may say of it."""

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from masugata.edge.http import BadMessageError
from masugata.edge.http.names import Line

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class Networks:
    """Addresses that are trusted; nobody's by default."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks: list[Network] = [ipaddress.ip_network(network, strict=False) for network in networks]
        self._remembered = lru_cache(maxsize=4096)(self._within)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: object) -> bool:
        return bool(self._networks) and self._remembered(address)

    def _within(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


@lru_cache(maxsize=4096)
def plain(address: str) -> str | None:
    """An address in its one form, without zone, and IPv4 where it is mapped into IPv6; None if it is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found)


@lru_cache(maxsize=4096)
def counted(address: str) -> str:
    """What connections are counted by: an IPv4 address, or the /64 of an IPv6 address."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


def client_of(forwarded: Iterable[Line], peer: str, trusted: Networks) -> str:
    """The last address in `X-Forwarded-For` that is not a trusted proxy's; raises `BadMessageError`.

    Only for a trusted `peer`: whatever stands before that address, the client may have written itself.
    """
    hops = b",".join(value for _, (name, value), _, _ in forwarded if name == b"x-forwarded-for")
    source = peer
    if not hops:
        return source
    for hop in reversed(hops.split(b",")):
        address = plain(hop.strip(b" \t").decode("latin-1"))
        if address is None:
            raise BadMessageError("X-Forwarded-For of a proxy has something else than addresses")
        source = address
        if address not in trusted:
            break
    return source


def scheme_of(forwarded: Iterable[Line], own: str) -> str:
    """`https` if every `X-Forwarded-Proto` says so, `http` if one says anything else, `own` without any.

    Only of a trusted peer.
    """
    said = b",".join(value for _, (name, value), _, _ in forwarded if name == b"x-forwarded-proto")
    if not said:
        return own
    return "https" if {hop.strip(b" \t").lower() for hop in said.split(b",")} == {b"https"} else "http"
