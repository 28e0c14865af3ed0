"""REMOVE_NULLS: null bytes go."""

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """All of them."""
    return value.replace(b"\0", b"")


REMOVE_NULLS = Transformation(transform, (b"\0",))
