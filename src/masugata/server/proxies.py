"""What trusted proxies say of the client behind them."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

from masugata.errors import AwsError

_REMEMBERED_LENGTH = 64  # of addresses; what is longer is hardly one
_WITH_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):\d+|\[([^\[\]]+)\](?::\d+)?")


class TrustedProxies:
    """The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count; nobody's by default."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(network, strict=False) for network in networks]

    def client(self, headers: Iterable[tuple[str, str]], peer: str, *, secure: bool) -> tuple[str, bool]:
        """The client's address and whether all its way was TLS; raises `AwsError`.

        The address is the last one that is not a trusted proxy's: whatever stands before it, the
        client may have written itself. The way was secure if every proxy says `https`; one that
        says nothing of it does not count as secure.
        """
        address = plain_address(peer)
        if not self._networks or not self._trusts(address):
            return address or peer, secure
        hops: list[str] = []
        schemes: list[str] = []
        for name, value in headers:
            if name == "x-forwarded-for":
                hops += value.split(",")
            elif name == "x-forwarded-proto":
                schemes += value.lower().split(",")
        if hops or schemes:
            secure = bool(schemes) and all(scheme.strip() == "https" for scheme in schemes)
        for hop in reversed(hops):
            address = plain_address(hop)
            if address is None:
                raise AwsError(
                    "InvalidRequest", f"`{hop.strip()[:64]}` in X-Forwarded-For is not an IP address.", 400
                )
            if not self._trusts(address):
                break
        return address or peer, secure

    def _trusts(self, address: str | None) -> bool:
        if address is None:
            return False
        peer = ipaddress.ip_address(address)
        return any(peer.version == network.version and peer in network for network in self._networks)


def plain_address(text: str) -> str | None:
    """An IP address as policies name it, or None: without port, brackets and zone, IPv4 as IPv4.

    A listener on `::` sees IPv4 clients as `::ffff:192.0.2.1`, which no IPv4 range in a policy would match.
    """
    return _read(text) if len(text) > _REMEMBERED_LENGTH else _remembered(text)


def _read(text: str) -> str | None:
    text = text.strip()
    if (found := _WITH_PORT.fullmatch(text)) is not None:
        text = found[1] or found[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return str(address)


# Every request names the same few: its peer, and the host that it calls.
_remembered = lru_cache(maxsize=1024)(_read)
