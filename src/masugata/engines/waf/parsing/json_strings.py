"""The strings of valid JSON, in a tenth of the time that reading all of it takes."""

from typing import Any

import orjson

MAX_ITEMS = 4_000


def json_strings(text: bytes) -> list[tuple[bytes, bytes, bool]] | None:
    """Name, text and whether it is a key of every string; None where the JSON has to be read with more care.

    That is where it is not valid, or a key comes twice, of which orjson keeps one. Every key has a colon: the
    colons of the text are those after keys and in strings, unless there are more keys, or colons in disguise.
    """
    if b"\\u003" in text:
        return None
    try:
        top = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    found: list[tuple[bytes, bytes, bool]] = []
    open_ones = [top] if isinstance(top, list | dict) else []
    colons, left = text.count(b":"), MAX_ITEMS
    while open_ones:
        container: Any = open_ones.pop()
        left -= len(container) + 1
        if left < 0:
            return None
        items: Any
        if isinstance(container, dict):
            colons -= len(container)
            items = container.items()
        else:
            items = enumerate(container)
        for key, value in items:
            if isinstance(key, str):
                colons -= key.count(":")
                name = key.encode()
                found.append((name, name, True))
            else:
                name = b"%d" % key
            if isinstance(value, str):
                colons -= value.count(":")
                found.append((name, value.encode(), False))
            elif isinstance(value, list | dict):
                open_ones.append(value)
    return found if colons == 0 and isinstance(top, list | dict) else None
