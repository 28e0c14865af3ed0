"""JSON with positions: every value and every name knows where it stands.

Strict where Python's reader is lax, as `document` is: `NaN`, half of a surrogate pair, control characters in
strings and deep nesting are errors. A name that occurs twice is kept twice and reported.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

DEEPEST: Final = 16  # as in `document`: a policy needs seven levels

_SPACE = re.compile(r"[ \t\n\r]*+")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*+(?>(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*)"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.eE+\-])")
_WORD = re.compile(r"true|false|null")

Step = str | int


class Position(NamedTuple):
    """A place, as Access Analyzer counts: lines from 1, columns and offsets from 0, in characters."""

    line: int
    column: int
    offset: int


class SyntaxProblemError(Exception):
    """The text is not JSON; `offset` says where."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset


class Node:
    """A JSON value from offset `start` to `end`, which is not of it; `path` leads to it from the root."""

    __slots__ = ("end", "path", "start")
    kind: str = ""

    def __init__(self, start: int, path: tuple[Step, ...]) -> None:
        self.start = start
        self.end = start
        self.path = path


class Text(Node):
    """A string."""

    __slots__ = ("value",)
    kind = "string"

    def __init__(self, start: int, path: tuple[Step, ...], end: int, value: str) -> None:
        super().__init__(start, path)
        self.end = end
        self.value = value


class Scalar(Node):
    """A number, as it was written, or `true`, `false` or `null`."""

    __slots__ = ("_kind", "value")

    def __init__(self, start: int, path: tuple[Step, ...], value: str) -> None:
        super().__init__(start, path)
        self.end = start + len(value)
        self.value = value
        self._kind = {"true": "boolean", "false": "boolean", "null": "null"}.get(value, "number")

    @property
    def kind(self) -> str:  # type: ignore[override] # a property where others have a constant
        """`number`, `boolean` or `null`."""
        return self._kind


class Array(Node):
    """An array."""

    __slots__ = ("items",)
    kind = "array"

    def __init__(self, start: int, path: tuple[Step, ...]) -> None:
        super().__init__(start, path)
        self.items: list[Node] = []


class Object(Node):
    """An object; `members` has every name, in order, those that occur twice too."""

    __slots__ = ("members",)
    kind = "object"

    def __init__(self, start: int, path: tuple[Step, ...]) -> None:
        super().__init__(start, path)
        self.members: list[tuple[Text, Node]] = []

    def get(self, name: str) -> Node | None:
        """The first value of this name."""
        return next((value for key, value in self.members if key.value == name), None)

    def key(self, name: str) -> Text | None:
        """The first occurrence of the name itself."""
        return next((key for key, _ in self.members if key.value == name), None)


class Lines:
    """Where the lines of a text begin, to tell positions from offsets."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        """Line and column of an offset."""
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1], offset)


class Tree(NamedTuple):
    """A text that was parsed; `repeated` are the names that occur twice in their object."""

    text: str
    root: Node
    repeated: tuple[Text, ...]
    lines: Lines


def parse(text: str, deepest: int = DEEPEST) -> Tree:
    """Read JSON of at most `deepest` levels; raises `SyntaxProblemError` at what is not JSON."""
    parser = _Parser(text, deepest)
    root = parser.value(parser.skip(0), (), deepest)
    end = parser.skip(root.end)
    if end < len(text):
        raise SyntaxProblemError("something follows the document", end)
    return Tree(text, root, tuple(parser.repeated), Lines(text))


class _Parser:
    """Reads one text; each method takes the offset where it starts, and a node knows where it ends."""

    __slots__ = ("_deepest", "_text", "repeated")

    def __init__(self, text: str, deepest: int) -> None:
        self._text = text
        self._deepest = deepest
        self.repeated: list[Text] = []

    def skip(self, offset: int) -> int:
        """The next offset that is not white space."""
        found = _SPACE.match(self._text, offset)
        return found.end() if found else offset

    def value(self, offset: int, path: tuple[Step, ...], deepest: int) -> Node:
        """The value that starts at `offset`, with at most `deepest` levels."""
        sign = self._text[offset : offset + 1]
        if sign == '"':
            return self._string(offset, path)
        if sign in ("{", "[") and sign:
            if not deepest:
                self._fail(f"nested more than {self._deepest} levels deep", offset)
            return self._object(offset, path, deepest) if sign == "{" else self._array(offset, path, deepest)
        found = _WORD.match(self._text, offset) or _NUMBER.match(self._text, offset)
        if found is None:
            self._fail("a value is missing" if sign in "}],:" else f"`{sign}` starts no JSON value", offset)
        return Scalar(offset, path, found[0])

    def _string(self, offset: int, path: tuple[Step, ...]) -> Text:
        found = _STRING.match(self._text, offset)
        if found is None:
            self._fail(
                "the string does not end, or holds an escape or control character that JSON lacks", offset
            )
        raw = found[0]
        value = json.loads(raw) if "\\" in raw else raw[1:-1]
        if any("\ud800" <= character <= "\udfff" for character in value):
            self._fail("half of a surrogate pair is not text", offset)
        return Text(offset, path, found.end(), value)

    def _object(self, offset: int, path: tuple[Step, ...], deepest: int) -> Object:
        made = Object(offset, path)
        seen: set[str] = set()
        for place in self._entries(made, "}"):
            if self._text[place : place + 1] != '"':
                self._fail("a name in double quotes must stand here", place)
            key = self._string(place, path)
            key.path = (*path, key.value)
            colon = self.skip(key.end)
            if self._text[colon : colon + 1] != ":":
                self._fail("`:` must follow the name", colon)
            value = self.value(self.skip(colon + 1), key.path, deepest - 1)
            made.members.append((key, value))
            made.end = value.end
            if key.value in seen:
                self.repeated.append(key)
            seen.add(key.value)
        return made

    def _array(self, offset: int, path: tuple[Step, ...], deepest: int) -> Array:
        made = Array(offset, path)
        for place in self._entries(made, "]"):
            value = self.value(place, (*path, len(made.items)), deepest - 1)
            made.items.append(value)
            made.end = value.end
        return made

    def _entries(self, container: Array | Object, closing: str) -> Iterator[int]:
        """Where each entry starts; the caller moves `container.end` to the end of the one it has read."""
        place = self.skip(container.start + 1)
        if self._text[place : place + 1] == closing:
            container.end = place + 1
            return
        while True:
            yield place
            place = self.skip(container.end)
            sign = self._text[place : place + 1]
            if sign not in (",", closing) or not sign:
                self._fail(f"`,` or `{closing}` must stand here", place)
            if sign == closing:
                container.end = place + 1
                return
            place = self.skip(place + 1)

    def _fail(self, problem: str, offset: int) -> NoReturn:
        raise SyntaxProblemError(problem, offset)
