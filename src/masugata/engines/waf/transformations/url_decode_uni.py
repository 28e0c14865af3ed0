"""URL_DECODE_UNI: as URL_DECODE, and `%u0041`, which Microsoft's servers read, becomes `A`."""

import re

from masugata.engines.waf.transformations._escapes import PERCENT, PLUS, Escapes, low_byte, replace_escapes
from masugata.engines.waf.transformations._percent import decode_percents
from masugata.engines.waf.transformations._transformation import Transformation

_UNICODE = re.compile(rb"(%[uU][0-9a-fA-F]{4})")


def transform(value: bytes) -> bytes:
    """Of a code only the lower byte is left, but for full-width letters; what is no valid escape stays."""
    if PLUS in value:
        value = value.replace(b"+", b" ")
    if PERCENT not in value:
        return value
    if b"%u" in value or b"%U" in value:
        value = replace_escapes(_UNICODE, _BYTES, value)
    return decode_percents(value)


_BYTES = Escapes(lambda escape: b"%%%02x" % low_byte(escape[2:])[0])
"""Escapes of the same meaning that others read, too."""

URL_DECODE_UNI = Transformation(transform, (b"%", b"+"))
