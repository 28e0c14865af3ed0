"""CMD_LINE_UNIX: what a shell of Unix overlooks in a command goes."""

import re

from masugata.engines.waf.transformations._letters import CAPITALS
from masugata.engines.waf.transformations._transformation import Transformation, each
from masugata.engines.waf.transformations._white_space import SPACES

_GONE = b"\\\"'"
_RUN = re.compile(rb"[ \t\n\v\f\r]+")


def transform(value: bytes) -> bytes:
    """Backslashes and quotes go; spaces become one, none at the ends; letters become small."""
    return _RUN.sub(b" ", value.translate(None, _GONE)).strip(b" ").lower()


CMD_LINE_UNIX = Transformation(transform, (*each(_GONE), *each(SPACES), *CAPITALS))
