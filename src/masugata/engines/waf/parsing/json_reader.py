"""JSON that is not valid, read as AWS WAF does: up to the first thing that is none.

Missing commas and colons, and too many of them, are overlooked, as AWS documents it.
Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-fields-list.html, JSON body.
"""

import json
import re

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
    rb"|([\[{])|([\]}]))",
    re.DOTALL,
)
_STRING, _LITERAL, _OPEN, _CLOSE = range(1, 5)
_BLANKS = b" \t\r\n"
_BACKSLASH = ord("\\")


class _Container:
    """An object or a list that is open; `keys` is None in a list. `key` waits for its value."""

    __slots__ = ("index", "key", "keys", "path")

    def __init__(self, path: Path | None, bracket: bytes) -> None:
        self.path = path
        self.keys: set[bytes] | None = set() if bracket == b"{" else None
        self.key: bytes | None = None
        self.index = 0

    def segment(self) -> bytes | None:
        """Under which key or index the next value stands; None where a key has to come first."""
        key = self.key
        if key is not None:
            self.key = None
        elif self.keys is None:
            key = b"%d" % self.index
            self.index += 1
        return key


class _Reader:
    """What was read so far; each method says whether the token may stand where it stands."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.open_ones: list[_Container] = []
        self.unique = True

    def open(self, bracket: bytes) -> bool:
        path: Path | None = None
        if self.open_ones:
            outer = self.open_ones[-1]
            segment = outer.segment()
            if segment is None:
                return False
            path = (outer.path, segment)
        self.open_ones.append(_Container(path, bracket))
        return True

    def close(self, bracket: bytes) -> bool:
        inner = self.open_ones[-1]
        if inner.key is not None or (inner.keys is None) != (bracket == b"]"):
            return False
        self.open_ones.pop()
        return True

    def text(self, text: bytes, *, is_string: bool) -> bool:
        inner = self.open_ones[-1]
        segment = inner.segment()
        if segment is not None:
            self.elements.append(Element(False, is_string, segment, text, inner.path))
            return True
        if not is_string or inner.keys is None:
            return False
        self.unique = self.unique and text not in inner.keys
        inner.keys.add(text)
        inner.key = text
        self.elements.append(Element(True, True, text, text, inner.path))
        return True

    def take(self, kind: int, token: bytes) -> bool:
        if not self.open_ones and kind != _OPEN:
            return False
        match kind:
            case 3:  # _OPEN
                return self.open(token)
            case 4:  # _CLOSE
                return self.close(token)
            case 2:  # _LITERAL
                return self.text(token, is_string=False)
            case _:
                string = _unescaped(token) if _BACKSLASH in token else token
                return string is not None and self.text(string, is_string=True)


def parse_json(text: bytes) -> JsonContent:
    """Keys and values; of invalid JSON those before the first defect, at most 3,000 with the brackets."""
    return parse_valid_json(text) or read_json(text)


def read_json(text: bytes) -> JsonContent:
    """The same, of valid and of invalid JSON alike, token by token."""
    reader = _Reader()
    end = len(MARK) if text.startswith(MARK) else 0
    for _ in range(MAX_STEPS):
        match = _TOKEN.match(text, end)
        kind = match.lastindex if match is not None else None
        if match is None or kind is None or not reader.take(kind, match[kind]):
            return JsonContent(tuple(reader.elements), complete=False, rest=text[end:])
        end = match.end()
        if not reader.open_ones:
            rest = text[end:].lstrip(_BLANKS)
            return JsonContent(tuple(reader.elements), reader.unique and not rest, rest)
    return JsonContent(tuple(reader.elements), complete=False, rest=text[end:], cut=True)


def _unescaped(string: bytes) -> bytes | None:
    """What a string with escapes stands for; None where one of them is not valid."""
    try:
        return text_bytes(json.loads(f'"{string.decode(errors="surrogateescape")}"', strict=False))
    except ValueError:
        return None
