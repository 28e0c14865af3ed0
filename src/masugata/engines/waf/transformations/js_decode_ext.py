r"""JS_DECODE_EXT: as JS_DECODE, but paths of Windows stay whole: `\n` and unknown escapes are left alone."""

import re

from masugata.engines.waf.transformations._escapes import BACKSLASH, Escapes, replace_escapes
from masugata.engines.waf.transformations._js_codes import CODE, decode_code
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"(\\(?:" + CODE + rb"|[\\/'\"]))")


def transform(value: bytes) -> bytes:
    """Codes are decoded; backslashes go before a backslash, a slash and quotes only."""
    return replace_escapes(_ESCAPE, _ESCAPES, value) if BACKSLASH in value else value


def _decoded(escape: bytes) -> bytes:
    decoded = decode_code(escape[1:])
    return decoded if decoded is not None else escape[1:]


_ESCAPES = Escapes(_decoded)

JS_DECODE_EXT = Transformation(transform, (b"\\",))
