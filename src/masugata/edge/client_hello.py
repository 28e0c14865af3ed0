"""What a TLS client says of itself before anything is encrypted: JA3 and JA4 fingerprints.

Sources: RFC 8446, 4.1.2 and 5.1; https://github.com/salesforce/ja3; https://github.com/FoxIO-LLC/ja4 (JA4
itself, which is under the BSD licence).
"""

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

LONGEST_HELLO: Final = 16_384
"""Bytes: a longer one has no fingerprints, so that nobody has us sort for longer than a request may take."""
_HANDSHAKE, _CLIENT_HELLO = 22, 1

_SERVER_NAME, _GROUPS, _POINT_FORMATS, _SIGNATURES, _ALPN, _VERSIONS = 0, 10, 11, 13, 16, 43
_VERSION_NAMES = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}


class Fingerprints(NamedTuple):
    """JA3 as 32 hexadecimal digits, JA4 as its 36 characters."""

    ja3: str
    ja4: str


class _Reader:
    """Reads big-endian numbers and vectors; raises IndexError at the end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.data):
            raise IndexError
        taken, self.position = self.data[self.position : end], end
        return taken

    def vector(self, size: int) -> bytes:
        return self.take(self.number(size))


class ClientHello:
    """The message that begins a TLS connection, put together from the records that carry it."""

    __slots__ = ("_message", "_record")

    def __init__(self) -> None:
        self._record = bytearray()
        self._message = bytearray()

    def feed(self, data: bytes) -> bool:
        """Take what came; whether that is all: the message is whole, too long, or something else.

        Each byte is looked at once, however the client cuts records and pieces.
        """
        record = self._record
        record += data
        position = 0
        while len(record) - position >= 5:
            end = position + 5 + int.from_bytes(record[position + 3 : position + 5], "big")
            if record[position] != _HANDSHAKE or end == position + 5:
                return True
            if end > len(record):
                break
            self._message += record[position + 5 : end]
            position = end
            if self._ended():
                return True
        del record[:position]
        return False

    def _ended(self) -> bool:
        message = self._message
        if message[0] != _CLIENT_HELLO or len(message) < 4:
            return message[0] != _CLIENT_HELLO
        size = 4 + int.from_bytes(message[1:4], "big")
        return size > LONGEST_HELLO or len(message) >= size

    def fingerprints(self) -> Fingerprints | None:
        """None where no whole ClientHello came."""
        try:
            reader = _Reader(bytes(self._message))
            if reader.number(1) != _CLIENT_HELLO:
                return None
            hello = reader.vector(3)
            return _fingerprints(_Reader(hello)) if 4 + len(hello) <= LONGEST_HELLO else None
        except IndexError:
            return None


def _fingerprints(hello: _Reader) -> Fingerprints:
    version = hello.number(2)
    hello.take(32)
    hello.vector(1)
    ciphers = _numbers(hello.vector(2))
    hello.vector(1)
    extensions: list[tuple[int, bytes]] = []
    if hello.position < len(hello.data):
        inner = _Reader(hello.vector(2))
        while inner.position < len(inner.data):
            extensions.append((inner.number(2), inner.vector(2)))
    extensions = [one for one in extensions if not _is_grease(one[0])]
    content = dict(reversed(extensions))  # of one that comes twice, the first
    kinds = [kind for kind, _ in extensions]
    groups = _numbers(_inner(content, _GROUPS, 2))
    formats = list(_inner(content, _POINT_FORMATS, 1))
    ja3 = ",".join((str(version), *("-".join(map(str, part)) for part in (ciphers, kinds, groups, formats))))
    return Fingerprints(
        hashlib.md5(ja3.encode(), usedforsecurity=False).hexdigest(), _ja4(version, ciphers, kinds, content)
    )


def _ja4(version: int, ciphers: list[int], kinds: list[int], content: dict[int, bytes]) -> str:
    versions = _numbers(_inner(content, _VERSIONS, 1))
    named = _VERSION_NAMES.get(max(versions, default=version), "00")
    server = "d" if _SERVER_NAME in content else "i"
    protocols = _Reader(_inner(content, _ALPN, 2))
    first = protocols.vector(1) if protocols.data else b""
    counts = f"{min(len(ciphers), 99):02}{min(len(kinds), 99):02}"
    signatures = _hexadecimal(_numbers(_inner(content, _SIGNATURES, 2)))
    described = _hexadecimal(sorted(kind for kind in kinds if kind not in (_SERVER_NAME, _ALPN)))
    if signatures:
        described += "_" + signatures
    return "_".join(
        (
            f"t{named}{server}{counts}{_ends(first)}",
            _digest(_hexadecimal(sorted(ciphers))),
            _digest(described if kinds else ""),
        )
    )


def _ends(protocol: bytes) -> str:
    """The first and last character of a protocol's name, or of its hexadecimal digits."""
    if not protocol:
        return "00"
    if all(chr(end).isascii() and chr(end).isalnum() for end in (protocol[0], protocol[-1])):
        return chr(protocol[0]) + chr(protocol[-1])
    digits = protocol.hex()
    return digits[0] + digits[-1]


def _inner(content: dict[int, bytes], kind: int, size: int) -> bytes:
    """The vector that an extension holds; nothing if it is not there or broken."""
    try:
        return _Reader(content.get(kind, b"")).vector(size)
    except IndexError:
        return b""


def _numbers(data: bytes) -> list[int]:
    numbers = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2)]
    return [number for number in numbers if not _is_grease(number)]


def _is_grease(number: int) -> bool:
    """RFC 8701: values that clients send so that servers learn to ignore the unknown."""
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF


def _hexadecimal(numbers: Iterable[int]) -> str:
    return ",".join(f"{number:04x}" for number in numbers)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12] if text else "000000000000"
