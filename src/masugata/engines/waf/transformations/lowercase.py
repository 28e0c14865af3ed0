"""LOWERCASE: A-Z become a-z."""

from masugata.engines.waf.transformations._letters import CAPITALS
from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """Only ASCII letters, as the bytes of UTF-8 are not letters."""
    return value.lower()


LOWERCASE = Transformation(transform, CAPITALS)
