"""Where something is in a policy."""

import json
import re
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str, ...]

TOP: Final[Path] = ()
_PLAIN = re.compile(r"[A-Za-z0-9_-]+|@@[a-z_]+")


def path_text(path: Path) -> str:
    """A JSONPath such as `$.tags.costcenter`, with keys of other letters as `["…"]`."""
    return "$" + "".join(f".{key}" if _PLAIN.fullmatch(key) else f"[{json.dumps(key)}]" for key in path)
