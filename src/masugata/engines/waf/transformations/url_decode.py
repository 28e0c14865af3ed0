"""URL_DECODE: `%41` becomes `A`, and `+` a space; what is no valid escape stays."""

from masugata.engines.waf.transformations._escapes import PERCENT, PLUS
from masugata.engines.waf.transformations._percent import decode_percents
from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """One layer: what decoding makes of `%2541` is `%41`."""
    if PLUS in value:
        value = value.replace(b"+", b" ")
    return decode_percents(value) if PERCENT in value else value


URL_DECODE = Transformation(transform, (b"%", b"+"))
