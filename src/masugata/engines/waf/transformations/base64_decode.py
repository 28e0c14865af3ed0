"""BASE64_DECODE: decodes Base64 (RFC 4648, section 4), up to the first byte that is none."""

import re
from binascii import a2b_base64

from masugata.engines.waf.transformations._transformation import Transformation

_ALPHABET = re.compile(rb"[A-Za-z0-9+/]*")


def transform(value: bytes) -> bytes:
    """Padding may be missing; of what is no Base64 nothing is left. There is no test."""
    match = _ALPHABET.match(value)
    return decode_unpadded(match[0]) if match else b""


def decode_unpadded(digits: bytes) -> bytes:
    """Digits of Base64 alone; a single one at the end says nothing."""
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return a2b_base64(digits + b"=" * (-len(digits) % 4))


BASE64_DECODE = Transformation(transform)
