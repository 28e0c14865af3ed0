"""JSON that is not valid, read as AWS WAF does: up to the first thing that is none.

Missing commas and colons, and too many of them, are overlooked, as AWS documents it.
Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-fields-list.html, JSON body.
"""

import json
import re
from itertools import islice

from masugata.engines.waf.parsing.json_body import (
    MARK,
    Element,
    JsonContent,
    Path,
    parse_valid_json,
    text_bytes,
)

MAX_STEPS = 3_000

_TOKEN = re.compile(
    rb'[ \t\r\n,:]*+(?:"([^"\\]*+(?>(?:\\.[^"\\]*+)*))"'
    rb"|(-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)(?![\w.+-])"
    rb"|([\[{])|([\]}]))|(.)",
    re.DOTALL,
)
_OPEN, _CLOSE = 3, 4
"""What tokens are called; the others are strings, literals, and what is none."""
_BLANKS = b" \t\r\n"
_BACKSLASH = ord("\\")
_Container = tuple[Path | None, set[bytes] | None, int]


class _Reader:
    """What was read so far, within the first bracket; each method says whether its token may stand there.

    Of the innermost container there are its path, its keys (None of a list), the key that waits for its
    value, and the next index; of the `outer` ones the same, for when they go on. A token is one call, since
    calls take most of the time.
    """

    __slots__ = ("elements", "index", "key", "keys", "outer", "path", "unique")

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.outer: list[_Container] = []
        self.unique = True
        self.path: Path | None = None
        self.keys: set[bytes] | None = None
        self.key: bytes | None = None
        self.index = 0

    def refuse(self, _token: bytes) -> bool:
        return False

    def open(self, bracket: bytes) -> bool:
        path: Path | None = None
        if self.outer:
            if self.key is not None:
                path = (self.path, self.key)
            elif self.keys is None:
                path = (self.path, b"%d" % self.index)
            else:
                return False
        self.outer.append((self.path, self.keys, self.index + 1))
        self.path, self.keys, self.key, self.index = path, set() if bracket == b"{" else None, None, 0
        return True

    def close(self, bracket: bytes) -> bool:
        if self.key is not None or (self.keys is None) != (bracket == b"]"):
            return False
        self.path, self.keys, self.index = self.outer.pop()
        return True

    def literal(self, text: bytes) -> bool:
        if self.key is not None:
            self.elements.append(Element(False, False, self.key, text, self.path))
            self.key = None
        elif self.keys is None:
            self.elements.append(Element(False, False, b"%d" % self.index, text, self.path))
            self.index += 1
        else:
            return False
        return True

    def string(self, text: bytes) -> bool:
        if _BACKSLASH in text:
            unescaped = _unescaped(text)
            if unescaped is None:
                return False
            text = unescaped
        if self.key is not None:
            self.elements.append(Element(False, True, self.key, text, self.path))
            self.key = None
        elif self.keys is None:
            self.elements.append(Element(False, True, b"%d" % self.index, text, self.path))
            self.index += 1
        else:
            self.unique = self.unique and text not in self.keys
            self.keys.add(text)
            self.key = text
            self.elements.append(Element(True, True, text, text, self.path))
        return True


def parse_json(text: bytes) -> JsonContent:
    """Keys and values; of invalid JSON those before the first defect, at most 3,000 with the brackets."""
    return parse_valid_json(text) or read_json(text)


def read_json(text: bytes) -> JsonContent:
    """The same, of valid and of invalid JSON alike, token by token."""
    start = len(MARK) if text.startswith(MARK) else 0
    first = _TOKEN.match(text, start)
    if first is None or first.lastindex != _OPEN:
        return JsonContent((), complete=False, rest=text[start:])
    reader = _Reader()
    takes = (reader.string, reader.literal, reader.open, reader.close, reader.refuse)
    tokens = _TOKEN.finditer(text, start)
    for found in islice(tokens, MAX_STEPS):
        kind = found.lastindex or 0
        if not takes[kind - 1](found[kind]):
            return JsonContent(tuple(reader.elements), complete=False, rest=text[found.start() :])
        if kind == _CLOSE and not reader.outer:
            rest = text[found.end() :].lstrip(_BLANKS)
            return JsonContent(tuple(reader.elements), reader.unique and not rest, rest)
    more = next(tokens, None)
    rest = b"" if more is None else text[more.start() :]
    return JsonContent(tuple(reader.elements), complete=False, rest=rest, cut=more is not None)


def _unescaped(string: bytes) -> bytes | None:
    """What a string with escapes stands for; None where one of them is not valid."""
    try:
        return text_bytes(json.loads(f'"{string.decode(errors="surrogateescape")}"', strict=False))
    except ValueError:
        return None
