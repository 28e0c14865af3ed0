"""What a TLS client says of itself before anything is encrypted: JA3 and JA4 fingerprints.

Sources: RFC 8446, 4.1.2; https://github.com/salesforce/ja3; https://github.com/FoxIO-LLC/ja4 (JA4
itself, which is under the BSD licence).
"""

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

LONGEST_HELLO: Final = 16_384
"""Bytes; more than one TLS record is not read for a fingerprint."""

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


def fingerprints(data: bytes) -> Fingerprints | None:
    """Of the beginning of a TLS connection; None where no whole ClientHello in one record stands there."""
    try:
        reader = _Reader(data)
        if reader.number(1) != 22:
            return None
        reader.take(2)
        hello = _Reader(reader.vector(2))
        if hello.number(1) != 1:
            return None
        return _fingerprints(_Reader(hello.vector(3)))
    except IndexError:
        return None


def is_whole(data: bytes) -> bool:
    """Whether no further byte could change what `fingerprints` finds."""
    return len(data) >= LONGEST_HELLO or (
        len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big")
    )


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
