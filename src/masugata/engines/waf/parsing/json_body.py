"""JSON: keys and values of what is valid. What is not is read by `json_reader`, as far as it goes.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-fields-list.html, JSON body.
"""

import json
from typing import Any, NoReturn

import msgspec

MAX_ELEMENTS = 10_000
MARK = b"\xef\xbb\xbf"

Path = tuple[Any, bytes]
"""The path of the container, None for the root, and the segment that leads from there."""

_LITERALS = {None: b"null", True: b"true", False: b"false"}


class Element(msgspec.Struct, frozen=True, gc=False):
    """A key, or a value that is no container; texts of strings are unescaped, of all else as they stand.

    `name` is the key itself, or the key or index under which the value stands in `parent`.
    """

    is_key: bool
    is_string: bool
    name: bytes
    text: bytes
    parent: Path | None


class JsonContent(msgspec.Struct, frozen=True):
    """What could be read, in any order. `complete` unless something was no JSON or a key came twice.

    `rest` is what follows the first thing that cannot be read; `cut`: it may be more JSON, but is too much.
    """

    elements: tuple[Element, ...]
    complete: bool
    rest: bytes = b""
    cut: bool = False


def parse_valid_json(text: bytes) -> JsonContent | None:
    """Keys and values of an object or a list, at most 10,000 with the brackets; None if it is none."""
    if not text.rstrip().endswith((b"]", b"}")):  # as none is that was cut
        return None
    try:
        top = _DECODER.decode(text.removeprefix(MARK).decode(errors="surrogateescape"))
    except (ValueError, RecursionError):
        return None
    return _walk(top, text) if isinstance(top, list | tuple) else None


def text_bytes(text: str) -> bytes:
    """UTF-8; bytes that were none come out as they were, half a pair of surrogates as three bytes."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=tuple,
    parse_int=str.encode,
    parse_float=str.encode,
    parse_constant=_refuse,
    strict=False,
)


def _walk(top: Any, text: bytes) -> JsonContent:
    """Objects are tuples of pairs, numbers are bytes."""
    elements: list[Element] = []
    open_ones: list[tuple[Any, Path | None]] = [(top, None)]
    unique = True
    left = MAX_ELEMENTS
    while open_ones:
        container, path = open_ones.pop()
        left -= 1 + len(container) * (2 if isinstance(container, tuple) else 1)
        if left < 0:
            return JsonContent(tuple(elements), complete=False, rest=text, cut=True)
        items: Any = enumerate(container)
        if isinstance(container, tuple):
            items = [(text_bytes(key), value) for key, value in container]
            unique = unique and len({name for name, _ in items}) == len(items)
            elements += [Element(True, True, name, name, path) for name, _ in items]
        for key, value in items:
            name = key if isinstance(key, bytes) else b"%d" % key
            if isinstance(value, str):
                elements.append(Element(False, True, name, text_bytes(value), path))
            elif isinstance(value, list | tuple):
                open_ones.append((value, (path, name)))
            else:
                literal = value if isinstance(value, bytes) else _LITERALS[value]
                elements.append(Element(False, False, name, literal, path))
    return JsonContent(tuple(elements), complete=unique)
