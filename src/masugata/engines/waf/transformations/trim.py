"""TRIM: spaces at both ends go."""

from masugata.engines.waf.transformations._transformation import Transformation, each
from masugata.engines.waf.transformations._white_space import SPACES


def transform(value: bytes) -> bytes:
    """Space, tab, newline, vertical tab, form feed, carriage return."""
    return value.strip(SPACES)


TRIM = Transformation(transform, each(SPACES))
