"""URL_DECODE_UNI: as URL_DECODE, and `%u0041`, which Microsoft's servers read, becomes `A`."""

import re

from masugata.engines.waf.transformations import url_decode
from masugata.engines.waf.transformations._code_units import low_byte
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"%(?:[uU]([0-9a-fA-F]{4})|([0-9a-fA-F]{2}))")


def transform(value: bytes) -> bytes:
    """Of a code only the lower byte is left, but for full-width letters; what is no valid escape stays."""
    if b"%u" not in value and b"%U" not in value:
        return url_decode.transform(value)
    return _ESCAPE.sub(_decoded, value.replace(b"+", b" "))


def _decoded(match: re.Match[bytes]) -> bytes:
    code, byte = match.groups()
    return low_byte(code) if code else url_decode.BYTES[byte]


URL_DECODE_UNI = Transformation(transform, (b"%", b"+"))
