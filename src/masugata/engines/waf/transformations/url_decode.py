"""URL_DECODE: `%41` becomes `A`, and `+` a space; what is no valid escape stays."""

import re

from masugata.engines.waf.transformations._escapes import BYTES, Escapes, replace_escapes
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"(%[0-9a-fA-F]{2})")
_ESCAPES = Escapes(lambda escape: BYTES[escape[1:]])


def transform(value: bytes) -> bytes:
    """One layer: what decoding makes of `%2541` is `%41`."""
    if b"+" in value:
        value = value.replace(b"+", b" ")
    return replace_escapes(_ESCAPE, _ESCAPES, value) if b"%" in value else value


URL_DECODE = Transformation(transform, (b"%", b"+"))
