"""The strings of valid JSON, in a tenth of the time that reading all of it takes."""

from typing import Any

import orjson

_CONTAINERS = frozenset((dict, list))


def json_strings(text: bytes) -> list[tuple[bytes, bytes, bool]] | None:
    """Name, text and whether it is a key of every string; None where the JSON has to be read with more care.

    What stands in a list has no name. With more care is where it is not valid, or a key comes twice, of which
    orjson keeps one. Every key has a colon: the colons of the text are those after keys and in strings, unless
    there are more keys, or colons in disguise.
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
    open_ones = [top]
    colons = text.count(b":")
    while open_ones:
        container: Any = open_ones.pop()
        if not isinstance(container, dict):
            kinds = set(map(type, container))
            if str in kinds:
                strings = [value for value in container if isinstance(value, str)]
                colons -= "".join(strings).count(":")
                found += [(b"", value.encode(), False) for value in strings]
            if not kinds.isdisjoint(_CONTAINERS):
                open_ones += [value for value in container if type(value) in _CONTAINERS]
            continue
        colons -= len(container)
        for key, value in container.items():
            colons -= key.count(":")
            name = key.encode()
            found.append((name, name, True))
            if isinstance(value, str):
                colons -= value.count(":")
                found.append((name, value.encode(), False))
            elif isinstance(value, list | dict):
                open_ones.append(value)
    return found if colons == 0 else None
