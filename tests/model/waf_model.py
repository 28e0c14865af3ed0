"""Slow, obvious readings of what the WAF's engine reads fast."""

import json
from collections.abc import Iterator
from typing import Any

HEXADECIMAL = b"0123456789abcdefABCDEF"


def url_decode(value: bytes) -> bytes:
    """One byte after the other."""
    decoded = bytearray()
    place = 0
    while place < len(value):
        digits = value[place + 1 : place + 3]
        if value[place] == ord("%") and len(digits) == 2 and all(digit in HEXADECIMAL for digit in digits):
            decoded.append(int(digits, 16))
            place += 3
        else:
            decoded.append(ord(" ") if value[place] == ord("+") else value[place])
            place += 1
    return bytes(decoded)


def query_arguments(query: bytes) -> list[tuple[bytes, bytes]]:
    """One byte after the other: a name until `=`, a value until `&`."""
    arguments: list[tuple[bytes, bytes]] = []
    name, value, in_value = b"", b"", False
    for byte in [*query, ord("&")]:
        if byte == ord("&"):
            if name or in_value:
                arguments.append((name, value))
            name, value, in_value = b"", b"", False
        elif byte == ord("=") and not in_value:
            in_value = True
        elif in_value:
            value += bytes([byte])
        else:
            name += bytes([byte])
    return arguments


def normalized_path(path: bytes) -> bytes:
    """One segment or two left out at a time, until no rule applies."""
    root = b"/" if path.startswith(b"/") else b""
    segments = path.split(b"/")
    slash_at_end = segments[-1] == b""
    while (place := _superfluous(segments, rooted=bool(root))) is not None:
        del segments[place]
    return root + b"/".join(segments) + (b"/" if slash_at_end and segments else b"")


def _superfluous(segments: list[bytes], *, rooted: bool) -> slice | None:
    """Where the first segments are that may be left out."""
    for place, segment in enumerate(segments):
        if segment in {b"", b"."}:
            return slice(place, place + 1)
        if segment == b".." and place > 0 and segments[place - 1] != b"..":
            return slice(place - 1, place + 1)
        if segment == b".." and place == 0 and rooted:
            return slice(place, place + 1)
    return None


def json_elements(
    value: Any, path: tuple[bytes, ...] = ()
) -> Iterator[tuple[bool, tuple[bytes, ...], bytes]]:
    """Whether it is a key, its path, and its text, of what Python's own reader made of a JSON text."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield True, (*path, key.encode()), key.encode()
            yield from json_elements(item, (*path, key.encode()))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from json_elements(item, (*path, b"%d" % index))
    elif isinstance(value, str):
        yield False, path, value.encode()
    else:
        yield False, path, json.dumps(value).encode()
