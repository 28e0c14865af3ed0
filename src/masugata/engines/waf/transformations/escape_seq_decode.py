r"""ESCAPE_SEQ_DECODE: escapes of ANSI C, as `\n`, `\x41` and `\101`, become what they stand for."""

import re

from masugata.engines.waf.transformations._escapes import BACKSLASH, BYTES, Escapes, replace_escapes
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"(\\(?:x[0-9a-fA-F]{2}|0[0-7]{0,3}|[1-7][0-7]{0,2}|[abfnrtv\\?'\"]))")
_LETTERS = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
    b"\\": b"\\", b"?": b"?", b"'": b"'", b'"': b'"',
}  # fmt: skip


def transform(value: bytes) -> bytes:
    r"""Escapes that are not valid stay. Octal digits: up to three, or up to three after `\0`."""
    return replace_escapes(_ESCAPE, _ESCAPES, value) if BACKSLASH in value else value


def _decoded(escape: bytes) -> bytes:
    code = escape[1:]
    if code.startswith(b"x"):
        return BYTES[code[1:]]
    return bytes([int(code, 8) & 0xFF]) if code.isdigit() else _LETTERS[code]


_ESCAPES = Escapes(_decoded)

ESCAPE_SEQ_DECODE = Transformation(transform, (b"\\",))
