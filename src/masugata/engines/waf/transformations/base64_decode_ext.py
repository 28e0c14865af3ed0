"""BASE64_DECODE_EXT: decodes Base64 and overlooks whatever is none."""

from masugata.engines.waf.transformations._transformation import Transformation
from masugata.engines.waf.transformations.base64_decode import decode_unpadded

_OTHERS = bytes(
    byte
    for byte in range(256)
    if byte not in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)


def transform(value: bytes) -> bytes:
    """Padding too is overlooked, wherever it stands. There is no test."""
    return decode_unpadded(value.translate(None, _OTHERS))


BASE64_DECODE_EXT = Transformation(transform)
