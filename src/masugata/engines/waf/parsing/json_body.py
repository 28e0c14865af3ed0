"""JSON, read as AWS WAF reads it: up to the first thing that is none, and no stricter than it has to be.

Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-fields-list.html, JSON body.
"""

import json
import re
from typing import Any

import msgspec

MAX_ELEMENTS = 10_000

Path = tuple[Any, bytes]
"""The path of the container, None for the root, and the segment that leads from there."""

_TOKEN = re.compile(
    rb'[ \t\r\n,:]*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
    rb"|([\[{])|([\]}])"
    rb"|(-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)(?![\w.+-]))",
    re.DOTALL,
)
_STRING, _OPEN, _CLOSE, _LITERAL = 1, 2, 3, 4
_REST = b" \t\r\n"
_MARK = b"\xef\xbb\xbf"


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
    """What could be read. `complete` unless something was no JSON, a key came twice or there was too much."""

    elements: tuple[Element, ...]
    complete: bool
    rest: bytes = b""


class _Reader:
    """Where the reading is: of each open container its path, its keys (None in a list), and a counter."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.stack: list[tuple[Path | None, set[bytes] | None]] = []
        self.counts: list[int] = []
        self.key: bytes | None = None
        self.whole = True

    def segment(self) -> bytes:
        """Under which name or index the next value stands."""
        if self.key is not None:
            return self.key
        index = self.counts[-1]
        self.counts[-1] = index + 1
        return b"%d" % index

    def open(self, bracket: bytes) -> bool:
        """A container begins; False where a key should be."""
        path: Path | None = None
        if self.stack:
            parent, keys = self.stack[-1]
            if keys is not None and self.key is None:
                return False
            path = (parent, self.segment())
            self.key = None
        self.stack.append((path, set() if bracket == b"{" else None))
        self.counts.append(0)
        return True

    def close(self, bracket: bytes) -> bool:
        """A container ends; False where it was another, or where a value should be."""
        _, keys = self.stack[-1]
        if (keys is None) != (bracket == b"]") or self.key is not None:
            return False
        self.stack.pop()
        self.counts.pop()
        return True

    def text(self, text: bytes, *, is_string: bool) -> bool:
        """A key or a value; False where a literal stands for a key."""
        parent, keys = self.stack[-1]
        if keys is None or self.key is not None:
            self.elements.append(Element(False, is_string, self.segment(), text, parent))
            self.key = None
            return True
        if not is_string:
            return False
        if text in keys:
            self.whole = False
        keys.add(text)
        self.key = text
        self.elements.append(Element(True, True, text, text, parent))
        return True


def parse_json(text: bytes) -> JsonContent:
    """Keys and values in their order; missing commas and colons, and too many of them, are overlooked.

    `rest` is what follows the first thing that cannot be read. At most 10,000 elements; no limit of depth.
    """
    reader = _Reader()
    end = len(_MARK) if text.startswith(_MARK) else 0
    while len(reader.elements) < MAX_ELEMENTS:
        match = _TOKEN.match(text, end)
        kind = match.lastindex if match is not None else None
        if match is None or kind is None or (not reader.stack and kind != _OPEN):
            break
        token = match[kind]
        if kind == _STRING:
            string = _unescaped(token) if b"\\" in token else token
            good = string is not None and reader.text(string, is_string=True)
        elif kind == _LITERAL:
            good = reader.text(token, is_string=False)
        else:
            good = reader.open(token) if kind == _OPEN else reader.close(token)
        if not good:
            break
        end = match.end()
        if not reader.stack:
            rest = text[end:].strip(_REST)
            return JsonContent(tuple(reader.elements), reader.whole and not rest, rest)
    return JsonContent(tuple(reader.elements), complete=False, rest=text[end:])


def _unescaped(string: bytes) -> bytes | None:
    """What a string with escapes stands for; None where one of them is not valid."""
    try:
        text = json.loads(f'"{string.decode(errors="surrogateescape")}"', strict=False)
    except ValueError:
        return None
    try:
        return str(text).encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return str(text).encode(errors="surrogatepass")
