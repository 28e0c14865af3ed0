"""REMOVE_WHITESPACE: every space goes, the non-breaking one (byte 160) too."""

from masugata.engines.waf.transformations._transformation import Transformation, each
from masugata.engines.waf.transformations._white_space import SPACES

_GONE = SPACES + b"\xa0"


def transform(value: bytes) -> bytes:
    """As in ModSecurity, byte 160 goes wherever it stands, also within a character of UTF-8."""
    return value.translate(None, _GONE)


REMOVE_WHITESPACE = Transformation(transform, each(_GONE))
