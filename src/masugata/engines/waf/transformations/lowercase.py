"""LOWERCASE: A-Z become a-z."""

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """Only ASCII letters, as the bytes of UTF-8 are not letters."""
    return value.lower()


LOWERCASE = Transformation(transform, tuple(bytes([letter]) for letter in range(0x41, 0x5B)))
