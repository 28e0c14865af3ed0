"""Where the statements of a policy document stand in its text.

Lines and columns count from 1, columns in characters. A statement begins right behind the sign before it
(the `[`, `,` or `:`) and ends right behind its last brace, as the IAM policy simulator counts.
Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Statement.html and its examples.
"""

import json
from collections.abc import Iterator
from typing import NamedTuple

_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


class Position(NamedTuple):
    """A place in a text: line and column, both from 1."""

    line: int
    column: int


class Span(NamedTuple):
    """A statement from `start`, where AWS has it begin, or `brace`, where people do, to behind `end`."""

    start: Position
    brace: Position
    end: Position


def statement_spans(text: str) -> tuple[Span, ...]:
    """The spans of all statements in their order; `text` must be a policy that `compile_policy` takes."""
    places: list[tuple[int, int]] = []
    start = _member(text, "Statement")
    value = _skip(text, start)
    if text[value] == "[":
        places += _elements(text, value)
    else:
        places.append((start, _end(text, value)))
    return tuple(_spans(text, places))


def _member(text: str, name: str) -> int:
    """Where the value of a member of the outermost object begins: right behind the colon."""
    position = _skip(text, _skip(text, 0) + 1)
    while True:
        key, position = _DECODER.raw_decode(text, position)
        start = _skip(text, position) + 1
        if key == name:
            return start
        position = _skip(text, _skip(text, _end(text, _skip(text, start))) + 1)


def _elements(text: str, array: int) -> Iterator[tuple[int, int]]:
    start = array + 1
    while text[value := _skip(text, start)] != "]":
        end = _end(text, value)
        yield start, end
        sign = _skip(text, end)
        if text[sign] == "]":
            return
        start = sign + 1


def _end(text: str, value: int) -> int:
    return _DECODER.raw_decode(text, value)[1]


def _skip(text: str, position: int) -> int:
    while text[position] in _SPACE:
        position += 1
    return position


def _spans(text: str, places: list[tuple[int, int]]) -> Iterator[Span]:
    """The places as lines and columns; they are in order, so the text is counted once."""
    line, counted = 1, 0

    def position(place: int) -> Position:
        nonlocal line, counted
        line += text.count("\n", counted, place)
        counted = place
        return Position(line, place - text.rfind("\n", 0, place))

    for start, end in places:
        yield Span(position(start), position(_skip(text, start)), position(end))
