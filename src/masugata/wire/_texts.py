"""Scalars as text, where they stand in forms, query strings, labels, headers and XML."""

import base64
import binascii
import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from masugata.errors import AwsError
from masugata.wire._timestamps import READ_TEXT, WRITE
from masugata.wire.models import Shape

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER_LIMITS = {"integer": (1 << 31, "an Integer"), "long": (1 << 63, "a Long")}

Read: TypeAlias = Callable[[str], Any]
Write: TypeAlias = Callable[[Any], str]


def malformed(text: str) -> AwsError:
    """The error for a value that cannot be read as its shape, in the words of the protocol."""
    return AwsError("MalformedInput", text)


def reader(shape: Shape, timestamp_format: str) -> Read:
    """A function from text to a value of the scalar `shape`; it raises AwsError MalformedInput."""
    if shape.type == "timestamp":
        return _timestamp(timestamp_format)
    return _READERS[shape.type](shape)


def writer(shape: Shape, timestamp_format: str) -> Write:
    """A function from a value of the scalar `shape` to its text."""
    if shape.type == "timestamp":
        write = WRITE[timestamp_format]
        return lambda value: str(write(value))
    return _WRITERS[shape.type]


def float_text(value: float) -> str:
    """A number as AWS writes it: `1.5`, `NaN`, `Infinity`, `-Infinity`."""
    if math.isfinite(value):
        return repr(float(value))
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _string(_shape: Shape) -> Read:
    return lambda text: text


def _integer(shape: Shape) -> Read:
    limit, words = _INTEGER_LIMITS[shape.type]
    # Where the shape has a range, that range's error is the better one.
    limit = 1 << 63 if shape.minimum is not None and shape.maximum is not None else limit

    def integer(text: str) -> int:
        if not _INTEGER.fullmatch(text) or not -limit <= int(text) < limit:
            raise malformed(f"'{text[:128]}' can not be converted to {words}")
        return int(text)

    return integer


def _float(shape: Shape) -> Read:
    words = "a Float" if shape.type == "float" else "a Double"

    def number(text: str) -> float:
        # What is not a number is in no range, so it would pass every check of one.
        if not _FLOAT.fullmatch(text) or not math.isfinite(float(text)):
            raise malformed(f"'{text[:128]}' can not be converted to {words}")
        return float(text)

    return number


def _boolean(_shape: Shape) -> Read:
    def boolean(text: str) -> bool:
        match text.lower():
            case "true":
                return True
            case "false":
                return False
        raise malformed(f"'{text[:128]}' can not be converted to a Boolean")

    return boolean


def _blob(_shape: Shape) -> Read:
    def blob(text: str) -> bytes:
        try:
            return base64.b64decode(text.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError) as error:
            # The text may be key material: it is not repeated.
            raise malformed("the value can not be converted to a Blob: it is not base64") from error

    return blob


def _timestamp(name: str) -> Read:
    read = READ_TEXT[name]

    def timestamp(text: str) -> datetime:
        try:
            return read(text)
        except ValueError as error:
            raise malformed(f"'{text[:128]}' can not be converted to a timestamp") from error

    return timestamp


_READERS: dict[str, Callable[[Shape], Read]] = {
    "string": _string,
    "character": _string,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": _blob,
}

_WRITERS: dict[str, Write] = {
    "string": str,
    "character": str,
    "integer": lambda value: str(int(value)),
    "long": lambda value: str(int(value)),
    "float": float_text,
    "double": float_text,
    "boolean": lambda value: "true" if value else "false",
    "blob": lambda value: base64.b64encode(value).decode(),
}
