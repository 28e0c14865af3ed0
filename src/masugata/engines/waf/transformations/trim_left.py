"""TRIM_LEFT: spaces at the beginning go."""

from masugata.engines.waf.transformations._transformation import Transformation, each
from masugata.engines.waf.transformations._white_space import SPACES


def transform(value: bytes) -> bytes:
    """Space, tab, newline, vertical tab, form feed, carriage return."""
    return value.lstrip(SPACES)


TRIM_LEFT = Transformation(transform, each(SPACES))
