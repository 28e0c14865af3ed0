"""UPPERCASE: a-z become A-Z."""

from masugata.engines.waf.transformations._letters import SMALL
from masugata.engines.waf.transformations._transformation import Transformation


def transform(value: bytes) -> bytes:
    """Only ASCII letters, as the bytes of UTF-8 are not letters."""
    return value.upper()


UPPERCASE = Transformation(transform, SMALL)
