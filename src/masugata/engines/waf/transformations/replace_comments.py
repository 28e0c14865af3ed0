"""REPLACE_COMMENTS: a comment as in C becomes one space, also where it does not end."""

import re

from masugata.engines.waf.transformations._transformation import Transformation

_COMMENT = re.compile(rb"/\*.*?(?:\*/|\Z)", re.DOTALL)


def transform(value: bytes) -> bytes:
    """The end of a comment that nothing began stays; two comments are two spaces."""
    if value.find(b"/*") < 0:
        return value
    return _COMMENT.sub(b" ", value)


REPLACE_COMMENTS = Transformation(transform, (b"/*",))
