"""The strings of valid JSON, in a tenth of the time that reading all of it takes."""

from typing import Any

import orjson

_CONTAINERS = frozenset((dict, list))


def json_strings(text: bytes) -> list[tuple[bytes, bytes, bool]] | None:
    """Name, text and whether it is a key of every string; None where the JSON has to be read with more care.

    What stands in a list has no name. More care is needed where it is not valid, or a key comes twice, of
    which orjson keeps one. Every key has a colon: the colons of the text are those after keys and in strings,
    unless there are more keys, or colons in disguise.
    """
    if b"\\u003" in text:
        return None
    try:
        top = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if type(top) not in _CONTAINERS:
        return None
    found: list[tuple[bytes, bytes, bool]] = []
    colons = 0
    open_ones: list[Any] = [top]
    while open_ones:
        container = open_ones.pop()
        if isinstance(container, list):
            colons += _read_list(container, found, open_ones)
        else:
            colons += _read_object(container, found, open_ones)
    return found if colons == text.count(b":") else None


def _read_list(items: list[Any], found: list[tuple[bytes, bytes, bool]], open_ones: list[Any]) -> int:
    """How many colons are in its strings; all of a kind are read together."""
    kinds = set(map(type, items))
    if not kinds.isdisjoint(_CONTAINERS):
        open_ones += [value for value in items if type(value) in _CONTAINERS]
    if str not in kinds:
        return 0
    strings = [value for value in items if type(value) is str]
    found += [(b"", value.encode(), False) for value in strings]
    return "".join(strings).count(":")


def _read_object(items: dict[str, Any], found: list[tuple[bytes, bytes, bool]], open_ones: list[Any]) -> int:
    """How many colons are behind its keys, in them, and in its strings."""
    colons = len(items)
    for key, value in items.items():
        colons += key.count(":")
        name = key.encode()
        found.append((name, name, True))
        if isinstance(value, str):
            colons += value.count(":")
            found.append((name, value.encode(), False))
        elif isinstance(value, list | dict):
            open_ones.append(value)
    return colons
