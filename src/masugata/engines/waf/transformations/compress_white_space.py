"""COMPRESS_WHITE_SPACE: any run of spaces becomes one, the non-breaking one (byte 160) too."""

import re

from masugata.engines.waf.transformations._transformation import Transformation, each

_SINGLE = b"\t\n\v\f\r\xa0"
_RUN = re.compile(rb"[\t\n\v\f\r\xa0 ]+")


def transform(value: bytes) -> bytes:
    """As AWS documents it, byte 160 counts wherever it stands, also within a character of UTF-8."""
    return _RUN.sub(b" ", value)


COMPRESS_WHITE_SPACE = Transformation(transform, (b"  ", *each(_SINGLE)))
