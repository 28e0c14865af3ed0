"""The PROXY protocol, by which a load balancer says who is behind a connection.

Source: https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt (versions 1 and 2).
"""

import asyncio
import ipaddress
import re
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from masugata.edge.connection import peer_of
from masugata.edge.http import BadMessageError

if TYPE_CHECKING:
    from masugata.edge.site import Site

_SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_LONGEST_TEXT: Final = 107
_LONGEST_BINARY: Final = 16 + 2_048
_TEXT = re.compile(rb"PROXY (TCP[46]) ([0-9A-Fa-f:.]{2,39}) ([0-9A-Fa-f:.]{2,39}) ([0-9]{1,5}) ([0-9]{1,5})")
_UNKNOWN = re.compile(rb"PROXY UNKNOWN(?: [!-~ ]*)?")


def read_announcement(data: bytes) -> tuple[tuple[str, int] | None, int] | None:
    """Who is behind the connection, as address and the port it came to, and how many bytes that took.

    None where more bytes are needed; nobody where the proxy speaks for itself. Raises `BadMessageError`.
    """
    if data[:12] == _SIGNATURE[: len(data)]:
        return _binary(data)
    if data[:6] == b"PROXY "[: len(data)]:
        return _text(data)
    raise BadMessageError("no PROXY header from a proxy that announces its clients")


def _text(data: bytes) -> tuple[tuple[str, int] | None, int] | None:
    end = data.find(b"\r\n", 0, _LONGEST_TEXT)
    if end < 0:
        if len(data) >= _LONGEST_TEXT:
            raise BadMessageError("a PROXY header that is too long")
        return None
    line = data[:end]
    found = _TEXT.fullmatch(line)
    if found is None:
        if _UNKNOWN.fullmatch(line):
            return None, end + 2
        raise BadMessageError("a malformed PROXY header")
    version = 4 if found[1] == b"TCP4" else 6
    source, _ = (_address(text.decode(), version) for text in found.group(2, 3))
    _, port = (_port(digits) for digits in found.group(4, 5))
    return (source, port), end + 2


def _binary(data: bytes) -> tuple[tuple[str, int] | None, int] | None:
    if len(data) < 16:
        return None
    command, family, length = struct.unpack_from("!BBH", data, 12)
    size = 16 + length
    if size > _LONGEST_BINARY or command not in (0x20, 0x21):
        raise BadMessageError("a malformed PROXY header")
    if len(data) < size:
        return None
    if command == 0x20:  # LOCAL: the proxy's own, such as a health check
        return None, size
    if family == 0x11 and length >= 12:
        source, _, _, port = struct.unpack_from("!4s4sHH", data, 16)
    elif family == 0x21 and length >= 36:
        source, _, _, port = struct.unpack_from("!16s16sHH", data, 16)
    elif family == 0x00:
        return None, size
    else:
        raise BadMessageError("a PROXY header of no TCP connection")
    return (_plain(ipaddress.ip_address(source)), port), size


def _address(text: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise BadMessageError("a malformed PROXY header") from None
    if address.version != version:
        raise BadMessageError("a malformed PROXY header")
    return _plain(address)


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """The one form of an address: proxies whose sockets take both families announce IPv4 within IPv6."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _port(digits: bytes) -> int:
    if int(digits) > 65_535 or (digits[:1] == b"0" and digits != b"0"):
        raise BadMessageError("a malformed PROXY header")
    return int(digits)


class Announced(asyncio.Protocol):
    """Reads the PROXY header of a trusted peer, and then gives the connection to who is behind it.

    `follow` makes the protocol that goes on, from the address and the port that were announced. Peers that
    are not trusted go on as they are: what they send is read as a request, or as TLS.
    """

    __slots__ = ("_follow", "_held", "_site", "_transport", "deadline")

    def __init__(self, site: "Site", follow: Callable[[tuple[str, int] | None], asyncio.Protocol]) -> None:
        self._site = site
        self._follow = follow
        self._held = b""
        self.deadline = site.edge.tick + site.limits.head_seconds + 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the header, if the peer is one to send it."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's are
        edge = self._site.edge
        if peer_of(transport) not in edge.announcing:
            self._go_on(None, b"")
        elif len(edge.connections) >= edge.settings.maximum_connections:
            self._transport.abort()
        else:
            edge.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Take a part of the header."""
        self._held += data
        try:
            read = read_announcement(self._held)
        except BadMessageError:
            self._transport.abort()
            return
        if read is not None:
            self._site.edge.connections.discard(self)
            behind, size = read
            self._go_on(behind, self._held[size:])

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        del exc
        self._site.edge.connections.discard(self)

    def expire(self) -> None:
        """The header did not come."""
        self._transport.abort()

    def retire(self) -> None:
        """Nothing: who comes late is told with the answer."""

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    def _go_on(self, behind: tuple[str, int] | None, rest: bytes) -> None:
        protocol = self._follow(behind)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        if rest and not self._transport.is_closing():
            protocol.data_received(rest)
