"""URL_DECODE_UNI: as URL_DECODE, and `%u0041`, which Microsoft's servers read, becomes `A`."""

import re

from masugata.engines.waf.transformations._escapes import (
    BYTES,
    PERCENT,
    PLUS,
    Escapes,
    low_byte,
    replace_escapes,
)
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"(%(?:[uU][0-9a-fA-F]{4}|[0-9a-fA-F]{2}))")


def transform(value: bytes) -> bytes:
    """Of a code only the lower byte is left, but for full-width letters; what is no valid escape stays."""
    if PLUS in value:
        value = value.replace(b"+", b" ")
    return replace_escapes(_ESCAPE, _ESCAPES, value) if PERCENT in value else value


def _decoded(escape: bytes) -> bytes:
    return BYTES[escape[1:]] if len(escape) == len(b"%41") else low_byte(escape[2:])


_ESCAPES = Escapes(_decoded)

URL_DECODE_UNI = Transformation(transform, (b"%", b"+"))
