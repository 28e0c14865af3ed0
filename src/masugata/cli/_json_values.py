"""JSON values one after another, as JSON Lines or in one array, each with the line where it starts.

Strict where Python's reader is lax: a name that occurs twice, `NaN` and half of a surrogate pair are
errors, because what is skipped or lost in a test case is tested by nobody.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

import click

from masugata.errors import MasugataError

LARGEST_FILE = 256 * 1024 * 1024  # bytes
_SPACE = " \t\r\n"


class UnreadableError(MasugataError):
    """The text is not the JSON that is wanted; the message starts with file and line."""


class Located(NamedTuple):
    """A JSON value and where it stands: `file:line`."""

    value: Any
    where: str


def read_file(file: str) -> bytes:
    """The whole of a file, `-` being standard input; raises `UnreadableError`."""
    name = "standard input" if file == "-" else file
    try:
        with click.open_file(file, "rb") as stream:
            content: bytes = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UnreadableError(f"{name}: {error.strerror}") from None
    if len(content) > LARGEST_FILE:
        raise UnreadableError(f"{name}: larger than {LARGEST_FILE >> 20} MiB; split it")
    return content


def read_values(content: bytes, file: str) -> list[Located]:
    """The values of JSON Lines, or the elements of an array; raises `UnreadableError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(f"{file}:{line}: not UTF-8") from None
    return list(_Reader(text, file).values())


class _Reader:
    """Walks over the text; `_line` is that of `_position`."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._position = 0
        self._line = 1
        self._decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse)

    def values(self) -> Iterator[Located]:
        if self._next() == "[":
            self._advance(self._position + 1)
            yield from self._elements()
            if self._next():
                self._fail("something follows the array")
            return
        while self._next():
            yield self._value()

    def _elements(self) -> Iterator[Located]:
        if self._next() == "]":
            self._advance(self._position + 1)
            return
        while True:
            yield self._value()
            sign = self._next()
            if sign not in (",", "]"):
                self._fail("`,` or `]` must follow an element of the array")
            self._advance(self._position + 1)
            if sign == "]":
                return
            self._next()

    def _value(self) -> Located:
        where = f"{self._file}:{self._line}"
        try:
            value, end = self._decoder.raw_decode(self._text, self._position)
            if "\\u" in self._text[self._position : end]:
                json.dumps(value, ensure_ascii=False).encode()
        except json.JSONDecodeError as error:
            raise UnreadableError(f"{self._file}:{error.lineno}: {error.msg.lower()}") from None
        except UnicodeEncodeError:
            raise UnreadableError(f"{where}: half of a surrogate pair is not text") from None
        except (ValueError, RecursionError) as error:
            text = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise UnreadableError(f"{where}: {text}") from None
        self._advance(end)
        return Located(value, where)

    def _next(self) -> str:
        """Skip white space; the next character, or the empty text at the end."""
        position = self._position
        while position < len(self._text) and self._text[position] in _SPACE:
            position += 1
        self._advance(position)
        return self._text[position : position + 1]

    def _advance(self, position: int) -> None:
        self._line += self._text.count("\n", self._position, position)
        self._position = position

    def _fail(self, problem: str) -> NoReturn:
        raise UnreadableError(f"{self._file}:{self._line}: {problem}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name `{twice[:200]}` occurs twice in one object")
    return members


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is not JSON")
