r"""JS_DECODE: escapes of JavaScript, as `\u0041`, `\x41`, `\101` and `\n`, become what they stand for."""

import re

from masugata.engines.waf.transformations._escapes import BACKSLASH, Escapes, replace_escapes
from masugata.engines.waf.transformations._js_codes import CODE, decode_code
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"(\\(?:" + CODE + rb"|.))", re.DOTALL)
_CONTROLS = {
    b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip


def transform(value: bytes) -> bytes:
    """Of a code only the lower byte is left, but for full-width letters; other backslashes go."""
    return replace_escapes(_ESCAPE, _ESCAPES, value) if BACKSLASH in value else value


def _decoded(escape: bytes) -> bytes:
    code = escape[1:]
    decoded = decode_code(code)
    return decoded if decoded is not None else _CONTROLS.get(code, code)


_ESCAPES = Escapes(_decoded)

JS_DECODE = Transformation(transform, (b"\\",))
