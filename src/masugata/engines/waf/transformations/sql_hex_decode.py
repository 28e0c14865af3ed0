"""SQL_HEX_DECODE: hexadecimal literals of SQL, as `0x414243`, become the bytes that they stand for."""

import re

from masugata.engines.waf.transformations._transformation import Transformation

_LITERAL = re.compile(rb"0[xX]((?:[0-9a-fA-F]{2})+)")


def transform(value: bytes) -> bytes:
    """An odd last digit stays, as does a literal without a pair of digits."""
    return _LITERAL.sub(_decoded, value)


def _decoded(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode())


SQL_HEX_DECODE = Transformation(transform, (b"0x", b"0X"))
