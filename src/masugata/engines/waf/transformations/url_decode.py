"""URL_DECODE: `%41` becomes `A`, and `+` a space; what is no valid escape stays."""

from masugata.engines.waf.transformations._transformation import Transformation

_DIGITS = b"0123456789abcdefABCDEF"
BYTES = {bytes((high, low)): bytes([int(bytes((high, low)), 16)]) for high in _DIGITS for low in _DIGITS}


def transform(value: bytes) -> bytes:
    """One layer: what decoding makes of `%2541` is `%41`."""
    if b"+" in value:
        value = value.replace(b"+", b" ")
    if b"%" not in value:
        return value
    first, *pieces = value.split(b"%")
    decoded = [first]
    for piece in pieces:
        byte = BYTES.get(piece[:2])
        if byte is None:
            decoded += (b"%", piece)
        else:
            decoded += (byte, piece[2:])
    return b"".join(decoded)


URL_DECODE = Transformation(transform, (b"%", b"+"))
