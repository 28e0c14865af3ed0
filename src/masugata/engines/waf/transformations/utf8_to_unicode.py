"""UTF8_TO_UNICODE: characters of UTF-8 beyond ASCII become `%u` and four or more hexadecimal digits."""

import re

from masugata.engines.waf.transformations._escapes import Escapes, replace_escapes
from masugata.engines.waf.transformations._transformation import Transformation

_CHARACTER = re.compile(rb"([\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3})")
_LEAD_BITS = {2: 0x1F, 3: 0x0F, 4: 0x07}


def transform(value: bytes) -> bytes:
    """Overlong characters too, so that a hidden `/` comes out as `%u002f`; bytes that are no UTF-8 stay."""
    return value if value.isascii() else replace_escapes(_CHARACTER, _CHARACTERS, value)


def _written(character: bytes) -> bytes:
    code = character[0] & _LEAD_BITS[len(character)]
    for byte in character[1:]:
        code = code << 6 | byte & 0x3F
    return b"%%u%04x" % code


_CHARACTERS = Escapes(_written)

UTF8_TO_UNICODE = Transformation(transform, tuple(bytes([lead]) for lead in range(0xC0, 0xF8)))
