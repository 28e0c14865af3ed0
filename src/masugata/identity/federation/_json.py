"""JSON of strangers: one object, read so that everybody reads the same, and not too much of it."""

from typing import Any

from masugata.engines.common.strict_json import read_json

_MOST_BRACKETS = 2048
_DEEPEST = 64


class NotJsonError(ValueError):
    """The text is not one JSON object that is read in one way only."""


def json_object(text: bytes) -> dict[str, Any]:
    """The object in `text`, UTF-8; raises `NotJsonError`."""
    if text.count(b"{") + text.count(b"[") > _MOST_BRACKETS:
        raise NotJsonError("too many objects and arrays")
    try:
        value = read_json(text.decode(), levels=_DEEPEST, whole=int, fraction=float)
    except ValueError as error:
        raise NotJsonError(str(error)) from error
    if not isinstance(value, dict):
        raise NotJsonError("not an object")
    return value
