"""CMD_LINE_WIN: what a shell of Windows overlooks in a command goes; paths stay whole."""

import re

from masugata.engines.waf.transformations._letters import CAPITALS
from masugata.engines.waf.transformations._transformation import Transformation, each
from masugata.engines.waf.transformations._white_space import SPACES

_GONE = b"^\"'"
_RUN = re.compile(rb"[ \t\n\v\f\r]+")
_BACKSLASHES = re.compile(rb"\\{2,}")


def transform(value: bytes) -> bytes:
    """Carets and quotes go; backslashes and spaces become one, no space at the ends; letters become small."""
    value = _BACKSLASHES.sub(rb"\\", value.translate(None, _GONE))
    return _RUN.sub(b" ", value).strip(b" ").lower()


CMD_LINE_WIN = Transformation(transform, (*each(_GONE), rb"\\", *each(SPACES), *CAPITALS))
