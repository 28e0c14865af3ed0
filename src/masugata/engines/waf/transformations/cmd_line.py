"""CMD_LINE: what shells overlook in a command goes, so that `c^a"t" /etc` reads `cat/etc`."""

import re

from masugata.engines.waf.transformations._letters import CAPITALS
from masugata.engines.waf.transformations._transformation import Transformation, each

_GONE = b"\\\"'^"
_SPACES = re.compile(rb"[ \t\r\n,;]+")


def transform(value: bytes) -> bytes:
    """Quotes go; `,`, `;` and spaces become one space, none before `/` and `(`; letters become small.

    That tabs and the ends of lines are spaces too is ModSecurity's.
    """
    value = _SPACES.sub(b" ", value.translate(None, _GONE))
    return value.replace(b" /", b"/").replace(b" (", b"(").lower()


CMD_LINE = Transformation(transform, (*each(_GONE), *each(b"\t\r\n,;"), b"  ", b" /", b" (", *CAPITALS))
