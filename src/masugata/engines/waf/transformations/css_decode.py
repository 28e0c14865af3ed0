r"""CSS_DECODE: escapes of CSS 2, as `\61`, become what they stand for, and `ja\vascript` `javascript`.

Source: https://www.w3.org/TR/CSS2/syndata.html#characters
"""

import re

from masugata.engines.waf.transformations._escapes import BACKSLASH, Escapes, low_byte, replace_escapes
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"(\\(?:[0-9a-fA-F]{1,6}[ \t\n\v\f\r]?|.|\Z))", re.DOTALL)
_SPACES = b" \t\n\v\f\r"
_DIGITS = frozenset(b"0123456789abcdefABCDEF")


def transform(value: bytes) -> bytes:
    """A space after hexadecimal digits goes with them; at the end of a line both go."""
    return replace_escapes(_ESCAPE, _ESCAPES, value) if BACKSLASH in value else value


def _decoded(escape: bytes) -> bytes:
    if escape[1:2] and escape[1] in _DIGITS:
        return low_byte(escape[1:].rstrip(_SPACES))
    return escape[1:].replace(b"\n", b"")


_ESCAPES = Escapes(_decoded)

CSS_DECODE = Transformation(transform, (b"\\",))
