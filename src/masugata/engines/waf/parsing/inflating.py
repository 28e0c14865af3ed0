"""Compressed bodies, inflated no further than they are looked at."""

import zlib

_ANY = 32 + zlib.MAX_WBITS  # gzip or zlib, as its header says
_RAW = -zlib.MAX_WBITS
_WINDOWS = {b"gzip": (_ANY,), b"x-gzip": (_ANY,), b"deflate": (_ANY, _RAW)}
_NONE = frozenset({b"", b"identity"})  # an empty element of a list is to be ignored: RFC 9110, 5.6.1.2
MAX_LAYERS = 3
MAX_MEMBERS = 500
_CHUNK = 4_096


def inflate(body: bytes, encodings: bytes, limit: int) -> tuple[bytes, bool]:
    """At most `limit` bytes of what the body holds, and whether there may be more that is not seen.

    `encodings` are those of `Content-Encoding`, at most three. Empty where the body is not compressed as it
    says; Brotli and Zstandard are not read.
    """
    names = [name for part in encodings.split(b",") if (name := part.strip().lower()) not in _NONE]
    if not names:
        return b"", False
    if len(names) > MAX_LAYERS:
        return b"", True
    any_cut = False
    for name in reversed(names):
        inflated = b""
        for window in _WINDOWS.get(name, ()):
            inflated, cut = _inflate(body, window, limit)
            any_cut = any_cut or cut
            if inflated:
                break
        if not inflated:
            return b"", any_cut
        body = inflated
    return body, any_cut


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, bool]:
    """The beginning of all members together; what comes before a defect counts."""
    parts: list[bytes] = []
    position, members, left = 0, 1, limit + 1
    member = zlib.decompressobj(window)
    while position < len(body) and left > 0 and members <= MAX_MEMBERS:
        chunk = body[position : position + _CHUNK]
        try:
            part = member.decompress(chunk, left)
        except zlib.error:
            break
        parts.append(part)
        left -= len(part)
        position += len(chunk) - len(member.unconsumed_tail) - len(member.unused_data)
        if member.eof:
            member = zlib.decompressobj(window)
            members += 1
    return b"".join(parts)[:limit], left <= 0 or members > MAX_MEMBERS
