r"""JS_DECODE_EXT: as JS_DECODE, but paths of Windows stay whole: `\n` and unknown escapes are left alone."""

import re

from masugata.engines.waf.transformations._transformation import Transformation
from masugata.engines.waf.transformations.js_decode import CODES, decode_codes

_ESCAPE = re.compile(rb"\\(?:" + CODES + rb"|([\\/'\"]))")


def transform(value: bytes) -> bytes:
    """Codes are decoded; backslashes go before a backslash, a slash and quotes only."""
    if b"\\" not in value:
        return value
    return _ESCAPE.sub(_decoded, value)


def _decoded(match: re.Match[bytes]) -> bytes:
    decoded = decode_codes(match)
    return decoded if decoded is not None else match[5]


JS_DECODE_EXT = Transformation(transform, (b"\\",))
