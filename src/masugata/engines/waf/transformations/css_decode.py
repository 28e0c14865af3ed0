r"""CSS_DECODE: escapes of CSS 2, as `\61`, become what they stand for, and `ja\vascript` `javascript`.

Source: https://www.w3.org/TR/CSS2/syndata.html#characters
"""

import re

from masugata.engines.waf.transformations._code_units import low_byte
from masugata.engines.waf.transformations._transformation import Transformation

_ESCAPE = re.compile(rb"\\(?:([0-9a-fA-F]{1,6})[ \t\n\v\f\r]?|\n|(.)|\Z)", re.DOTALL)


def transform(value: bytes) -> bytes:
    """A space after hexadecimal digits goes with them; at the end of a line both go."""
    if b"\\" not in value:
        return value
    return _ESCAPE.sub(_decoded, value)


def _decoded(match: re.Match[bytes]) -> bytes:
    digits, other = match.groups()
    return low_byte(digits) if digits else other or b""


CSS_DECODE = Transformation(transform, (b"\\",))
