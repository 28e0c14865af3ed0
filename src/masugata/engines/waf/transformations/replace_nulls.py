"""REPLACE_NULLS: null bytes become spaces."""

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """All of them."""
    return value.replace(b"\0", b" ")


REPLACE_NULLS = Transformation(transform, (b"\0",))
