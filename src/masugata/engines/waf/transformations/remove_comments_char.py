"""REMOVE_COMMENTS_CHAR: what begins or ends comments goes: `/*`, `*/`, `--` and `#`."""

import re

from masugata.engines.waf.transformations._transformation import Transformation

_MARKS = (b"/*", b"*/", b"--", b"#")
_MARK = re.compile(b"|".join(re.escape(mark) for mark in _MARKS))


def transform(value: bytes) -> bytes:
    """What they enclose stays."""
    return _MARK.sub(b"", value)


REMOVE_COMMENTS_CHAR = Transformation(transform, _MARKS)
