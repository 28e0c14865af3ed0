"""MD5: the hash as 16 raw bytes."""

from hashlib import md5

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """RFC 1321. There is no test."""
    return md5(value, usedforsecurity=False).digest()


MD5 = Transformation(transform)
