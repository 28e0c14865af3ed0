r"""JS_DECODE: escapes of JavaScript, as `\u0041`, `\x41`, `\101` and `\n`, become what they stand for."""

import re

from masugata.engines.waf.transformations._code_units import low_byte
from masugata.engines.waf.transformations._transformation import Transformation

CODES = rb"u([0-9a-fA-F]{4})|u\{0{0,8}([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|([0-3][0-7]{2}|[0-7]{1,2})"
_ESCAPE = re.compile(rb"\\(?:" + CODES + rb"|(.))", re.DOTALL)
_CONTROLS = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip


def transform(value: bytes) -> bytes:
    """Of a code only the lower byte is left, but for full-width letters; other backslashes go."""
    if b"\\" not in value:
        return value
    return _ESCAPE.sub(_decoded, value)


def decode_codes(match: re.Match[bytes]) -> bytes | None:
    """What the groups of `CODES` stand for; None if none of them matched."""
    code, braced, byte, octal = match.groups()[:4]
    digits = code or braced or byte
    if digits:
        return low_byte(digits)
    return bytes([int(octal, 8)]) if octal else None


def _decoded(match: re.Match[bytes]) -> bytes:
    decoded = decode_codes(match)
    return decoded if decoded is not None else _CONTROLS.get(match[5], match[5])


JS_DECODE = Transformation(transform, (b"\\",))
