"""The PROXY protocol: who is announced, and what is no announcement."""

import socket
import struct

import pytest

from masugata.edge.http import BadMessageError
from masugata.edge.proxy_protocol import read_announcement

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(command: int, family: int, content: bytes) -> bytes:
    """A header of version 2."""
    return SIGNATURE + struct.pack("!BBH", command, family, len(content)) + content


FOUR = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2") + struct.pack("!HH", 1234, 443)
MAPPED = socket.inet_pton(socket.AF_INET6, "::ffff:192.0.2.1") * 2 + struct.pack("!HH", 1234, 443)
SIX = socket.inet_pton(socket.AF_INET6, "2001:db8::1") * 2 + struct.pack("!HH", 1234, 443)


@pytest.mark.parametrize(
    ("data", "behind"),
    [
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n", ("192.0.2.1", 443)),
        (b"PROXY TCP6 2001:db8::1 2001:db8::2 1234 443\r\n", ("2001:db8::1", 443)),
        (b"PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c000:202 1234 443\r\n", ("192.0.2.1", 443)),
        (binary(0x21, 0x21, MAPPED), ("192.0.2.1", 443)),
        (b"PROXY UNKNOWN\r\n", None),
        (b"PROXY UNKNOWN ff:ff 1 2 3\r\n", None),
        (binary(0x21, 0x11, FOUR), ("192.0.2.1", 443)),
        (binary(0x21, 0x11, FOUR + b"\x03\0\4abcd"), ("192.0.2.1", 443)),
        (binary(0x21, 0x21, SIX), ("2001:db8::1", 443)),
        (binary(0x20, 0x00, b""), None),
        (binary(0x20, 0x11, FOUR), None),
        (binary(0x21, 0x00, b""), None),
    ],
)
def test_announcements(data: bytes, behind: tuple[str, int] | None) -> None:
    """Both versions tell the client's address; no byte less is enough, and what follows is not touched."""
    assert read_announcement(data + b"GET /") == (behind, len(data))
    for size in range(1, len(data)):
        assert read_announcement(data[:size]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1234\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 01234 443\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 65536\r\n",
        b"PROXY TCP4 192.0.2.256 192.0.2.2 1234 443\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 1234 443\r\n",
        b"PROXY  TCP4 192.0.2.1 192.0.2.2 1234 443\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\n\r\n",
        b"PROXY " + b"x" * 120,
        binary(0x31, 0x11, FOUR),
        binary(0x22, 0x11, FOUR),
        binary(0x21, 0x12, FOUR),
        binary(0x21, 0x31, b"\0" * 216),
        binary(0x21, 0x11, FOUR[:8]),
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_no_announcements(data: bytes) -> None:
    """Anything else from a proxy that announces its clients is refused."""
    with pytest.raises(BadMessageError):
        read_announcement(data)
