"""HEX_DECODE: pairs of hexadecimal digits become bytes, up to the first that are none."""

import re

from masugata.engines.waf.transformations._transformation import Transformation

_PAIRS = re.compile(rb"(?:[0-9a-fA-F]{2})*")


def transform(value: bytes) -> bytes:
    """What follows the last pair stays as it is. There is no test."""
    match = _PAIRS.match(value)
    end = match.end() if match else 0
    return bytes.fromhex(value[:end].decode()) + value[end:]


HEX_DECODE = Transformation(transform)
