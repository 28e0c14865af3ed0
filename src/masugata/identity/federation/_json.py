"""JSON of strangers, read so that everybody reads the same: no duplicate names, no depth, no NaN.

Nor half a surrogate pair, which JSON can escape and no text that is written again can hold.
"""

import json
from typing import Any, NoReturn

_MOST_BRACKETS = 2048


class NotJsonError(ValueError):
    """The text is not one JSON object that is read in one way only."""


def json_object(text: bytes) -> dict[str, Any]:
    """The object in `text`, UTF-8; raises `NotJsonError`."""
    if text.count(b"{") + text.count(b"[") > _MOST_BRACKETS:
        raise NotJsonError("too many objects and arrays")
    try:
        value = json.loads(text.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error)) from error
    if not isinstance(value, dict):
        raise NotJsonError("not an object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJsonError("a name stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise NotJsonError(f"`{constant}` is not JSON")
