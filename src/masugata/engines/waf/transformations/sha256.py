"""SHA256: the hash as 32 raw bytes."""

from hashlib import sha256

from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """FIPS 180-4. There is no test."""
    return sha256(value).digest()


SHA256 = Transformation(transform)
