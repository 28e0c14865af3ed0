"""REPLACE_SEMICOLONS_WITH_AMPERSANDS: for applications that take `;` for the end of an argument."""

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """All of them."""
    return value.replace(b";", b"&")


REPLACE_SEMICOLONS_WITH_AMPERSANDS = Transformation(transform, (b";",))
