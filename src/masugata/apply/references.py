"""`${account:NAME}` and `${organization:id}` in policies: what becomes an id when it is known.

More than one dollar sign in front loses one and means itself: `$${account:NAME}`.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

_REFERENCE = re.compile(r"(\$+)\{(account:[^}]*|organization:id)\}")
_BEYOND_LATIN = re.compile("[^\x00-\xff]")
Lookup = Callable[[str], str]
"""From `account:NAME` or `organization:id` to an id."""


def rendered(value: Any, lookup: Lookup) -> Any:
    """The value with every reference replaced, in names of members too."""

    def one(match: re.Match[str]) -> str:
        dollars, name = match.groups()
        return lookup(name) if len(dollars) == 1 else f"{dollars[1:]}{{{name}}}"

    def walk(item: Any) -> Any:
        if isinstance(item, str):
            return _REFERENCE.sub(one, item) if "${" in item else item
        if isinstance(item, list):
            return [walk(element) for element in item]
        if isinstance(item, dict):
            return {walk(key): walk(element) for key, element in item.items()}
        return item

    return walk(value)


def escaped(text: str) -> str:
    """A text that `rendered` gives back as it is."""
    return _REFERENCE.sub(lambda match: f"${match[0]}", text) if "${" in text else text


def named(value: Any) -> Iterator[str]:
    """What the references of a value name."""
    if isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            if len(match[1]) == 1:
                yield match[2]
    elif isinstance(value, list):
        for item in value:
            yield from named(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from named(key)
            yield from named(item)


def narrowed(text: str) -> str:
    """JSON with escapes for what AWS's policy language does not take as it is: whatever is beyond Latin-1."""
    return _BEYOND_LATIN.sub(lambda match: json.dumps(match[0])[1:-1], text)


def compact(value: Any) -> str:
    """A policy as it is sent: white space counts against Organizations' limits."""
    return orjson.dumps(value).decode()
