"""SQL_HEX_DECODE: hexadecimal literals of SQL, as `0x414243`, become the bytes that they stand for."""

import re

from masugata.engines.waf.transformations._escapes import Escapes, replace_escapes
from masugata.engines.waf.transformations._transformation import Transformation

_LITERAL = re.compile(rb"(0[xX](?:[0-9a-fA-F]{2})+)")
_LITERALS = Escapes(lambda literal: bytes.fromhex(literal[2:].decode()))


def transform(value: bytes) -> bytes:
    """An odd last digit stays, as does a literal without a pair of digits."""
    return replace_escapes(_LITERAL, _LITERALS, value)


SQL_HEX_DECODE = Transformation(transform, (b"0x", b"0X"))
