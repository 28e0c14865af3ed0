"""Hosts of URLs in every way in which software writes and reads them.

Sources: RFC 3986 (3.2.2), RFC 4291, inet_aton(3), the WHATWG URL Standard (host parsing); addresses of
metadata services as the clouds document them.
"""

import ipaddress
import re
import unicodedata
from enum import Enum

_PART = re.compile(rb"(?:0x[0-9a-f]{1,16}|[0-9]{1,16})\Z")
_PLAIN = re.compile(rb"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})\Z")
_METADATA_ADDRESSES = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.169.123", "169.254.169.253",
        "169.254.0.23",
        "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
    )
)  # fmt: skip
METADATA_NAMES = (
    b"metadata.google.internal", b"metadata.goog", b"metadata.tencentyun.com", b"instance-data",
    b"instance-data.ec2.internal", b"metadata.platformequinix.com", b"metadata.packet.net",
    b"metadata.nicv.com",
    b"rancher-metadata", b"metadata.azure.internal", b"kubernetes.default.svc", b"kubernetes.default",
    b"metadata.oraclecloud.com", b"metadata.service.consul", b"metadata",
)  # fmt: skip
# Services that answer with the address in the name.
WILDCARDS = (b"nip.io", b"xip.io", b"sslip.io", b"localtest.me", b"lvh.me", b"vcap.me", b"lacolhost.com",
             b"1u.ms", b"rbndr.us", b"burpcollaborator.net", b"oastify.com", b"interact.sh",
             b"oast.me", b"oast.pro", b"oast.live", b"oast.site", b"oast.online", b"oast.fun", b"dnslog.cn",
             b"ceye.io", b"requestbin.net")  # fmt: skip
_LOCAL_NAMES = frozenset({b"localhost", b"localhost.localdomain", b"ip6-localhost", b"localhost6", b"0"})
_LONGEST = 255
_IPV4 = 4


class Host(Enum):
    """What a host is to the server that is asked to fetch from it."""

    METADATA = "a cloud's metadata service"
    DISGUISED = "an inner address in disguise"
    ODD = "an address in an unusual notation"
    WILDCARD = "a name of a service that resolves to any address"
    LOCAL = "the server itself"
    PRIVATE = "a private address"
    ADDRESS = "an address instead of a name"


def classify(host: bytes) -> Host | None:
    """What the host of a URL is, without its port and user; None for ordinary names."""
    host = host.lower()[:_LONGEST]
    if not host.isascii():
        host = _folded(host)
    host = host.removesuffix(b".")
    if host.startswith(b"["):
        return _address(_six(host.strip(b"[]")), plain=host.count(b":") <= 3)
    if host in METADATA_NAMES:
        return Host.METADATA
    if host in _LOCAL_NAMES or host.endswith(b".localhost"):
        return Host.LOCAL
    if host.endswith(WILDCARDS):
        return Host.METADATA if b"169" in host and b"254" in host else Host.WILDCARD
    address = _four(host)
    return _address(address, plain=_PLAIN.match(host) is not None) if address is not None else None


def _folded(host: bytes) -> bytes:
    """What browsers and resolvers make of full-width and circled letters."""
    return unicodedata.normalize("NFKC", host.decode("utf-8", "replace")).encode("ascii", "ignore").lower()


def _four(host: bytes) -> ipaddress.IPv4Address | None:
    """As `inet_aton` reads it: one to four parts in three bases, the last one filling the rest."""
    parts = host.split(b".")
    if len(parts) > 4 or not all(_PART.match(part) for part in parts):
        return None
    numbers = [_number(part) for part in parts]
    *leading, last = numbers
    value = 0
    for number in leading:
        value = value << 8 | number & 0xFF
    rest = 8 * (4 - len(leading))
    return ipaddress.IPv4Address((value << rest | last & ((1 << rest) - 1)) & 0xFFFFFFFF)


def _number(part: bytes) -> int:
    if part.startswith(b"0x"):
        return int(part, 16)
    if part.startswith(b"0") and not part.strip(b"01234567"):
        return int(part, 8)
    return int(part)


def _six(text: bytes) -> ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(text.partition(b"%")[0].decode("ascii"))
    except ValueError:
        return None


def _address(address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, *, plain: bool) -> Host | None:
    if address is None:
        return None
    inner = address
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped or address.sixtofour
        if (
            mapped is None
            and address not in _METADATA_ADDRESSES
            and int(address) >> 32 in {0, 0x64FF9B << 64}
        ):
            mapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if int(address) > 1 else None
        if mapped is not None:
            inner, plain = mapped, False
    if inner in _METADATA_ADDRESSES or inner.is_link_local:
        return Host.METADATA
    if inner.is_loopback or inner.is_unspecified:
        plain = plain and inner.version == _IPV4
        return Host.LOCAL if plain else Host.DISGUISED
    if inner.is_private:
        return Host.PRIVATE if plain else Host.DISGUISED
    return Host.ADDRESS if plain else Host.ODD
