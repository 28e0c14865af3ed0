"""The json 1.0 and 1.1 protocols: bodies to values and back, compiled from the shapes.

Specification: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html. The texts of type
errors are those that AWS's services answer.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn, TypeAlias

import orjson

from masugata.errors import AwsError
from masugata.wire._compiler import ShapeCompiler, timestamp_format
from masugata.wire._timestamps import READ_TEXT, WRITE, read_epoch
from masugata.wire.message import HttpRequest
from masugata.wire.models import Reference, ServiceModel, Shape
from masugata.wire.xml import OutputError

MAX_DEPTH = 100

_STRUCTURE_FOUND = "Start of structure or map found where not expected."
_LIST_FOUND = "Start of list found where not expected"

Convert: TypeAlias = Callable[[Any], Any]


def compile_request(model: ServiceModel, input_shape: str | None) -> Callable[[HttpRequest], dict[str, Any]]:
    """A function from a request to the operation's input, by member names; absent and null are absent.

    Unknown members are ignored, as AWS does. It raises AwsError SerializationException for anything
    that is not one JSON object with values of the right types.
    """
    decode = None if input_shape is None else _Decoder(model).compile(Reference(shape=input_shape))

    def request_input(request: HttpRequest) -> dict[str, Any]:
        document = load_object(request.body)
        decoded: dict[str, Any] = {} if decode is None else decode(document)
        return decoded

    return request_input


def compile_response(
    model: ServiceModel, operation: str, output_shape: str | None
) -> Callable[[Mapping[str, Any]], bytes]:
    """A function from an output to the answer's body, `{}` where the operation has no output."""
    if output_shape is not None:
        encode = compile_members(model, output_shape)
        return lambda output: orjson.dumps(encode(output))

    def nothing(output: Mapping[str, Any]) -> bytes:
        if output:
            raise OutputError(f"operation `{operation}` has no output, but got `{min(output)}`")
        return b"{}"

    return nothing


def compile_members(model: ServiceModel, shape_name: str) -> Convert:
    """A function from a structure to its JSON form."""
    return _Encoder(model).compile(Reference(shape=shape_name))


def load_object(body: bytes) -> dict[str, Any]:
    """The body as one JSON object; AwsError SerializationException if it is not, or is ambiguous."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _refused(f"the body is not valid JSON: {error.msg}") from error
    if not isinstance(document, dict):
        raise _refused(_LIST_FOUND if isinstance(document, list) else "the body must be a JSON object")
    # orjson lets the last of two equal keys win. Every key has its colon, so fewer keys than colons
    # means colons in strings, or a key that was lost.
    if body.count(b":") != _count_keys(document, 1):
        # Only keys matter here, and a number of 5000 digits would be an error of its own.
        json.loads(body.decode(), object_pairs_hook=_without_duplicates, parse_int=len, parse_float=len)
    return document


def _count_keys(value: Any, depth: int) -> int:
    if depth > MAX_DEPTH:
        raise _refused(f"the body is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return len(value) + sum(
            _count_keys(item, depth + 1) for item in value.values() if isinstance(item, dict | list)
        )
    return sum(_count_keys(item, depth + 1) for item in value if isinstance(item, dict | list))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _refused("a key occurs twice in one object")
    return found


def _refused(text: str) -> AwsError:
    return AwsError("SerializationException", text)


def _mismatch(value: Any, scalar_text: str) -> NoReturn:
    """Refuse a value of the wrong type in AWS's words; `scalar_text` may have `{}` for the found type."""
    if isinstance(value, dict):
        raise _refused(_STRUCTURE_FOUND)
    if isinstance(value, list):
        raise _refused(_LIST_FOUND)
    if isinstance(value, bool):
        found = "TRUE_VALUE" if value else "FALSE_VALUE"
    else:
        found = "STRING_VALUE" if isinstance(value, str) else "NUMBER_VALUE"
    raise _refused(scalar_text.format(found))


class _Decoder(ShapeCompiler):
    def build(self, shape: Shape, reference: Reference) -> Convert:
        if shape.document:
            return lambda value: value
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "timestamp":
                return _timestamp(timestamp_format(shape, reference, "unixTimestamp"))
            case "integer" | "long":
                return _integer(shape)
        return _SCALARS[shape.type]

    def _structure(self, shape: Shape) -> Convert:
        members = {
            reference.location_name or name: (name, self.compile(reference))
            for name, reference in shape.members.items()
        }

        def structure(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                _mismatch(value, "Expected null")
            result = {}
            for key, item in value.items():
                member = members.get(key)
                if member is not None and item is not None:
                    result[member[0]] = member[1](item)
            if shape.union and len(result) != 1:
                raise _refused(f"exactly one member of `{shape.name}` must be set")
            return result

        return structure

    def _list(self, shape: Shape) -> Convert:
        decode = self.compile(shape.element("member"))

        def whole_list(value: Any) -> list[Any]:
            if type(value) is not list:
                _mismatch(value, "Expected list or null")
            return [decode(item) for item in value if item is not None]

        return whole_list

    def _map(self, shape: Shape) -> Convert:
        decode = self.compile(shape.element("value"))

        def whole_map(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                _mismatch(value, "Expected map or null")
            return {key: decode(item) for key, item in value.items() if item is not None}

        return whole_map


def _string(value: Any) -> str:
    if type(value) is not str:
        _mismatch(value, "{} can not be converted to a String")
    return value


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        _mismatch(value, "{} can not be converted to a Boolean")
    return value


def _number(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        _mismatch(value, "{} can not be converted to a Double")
    return float(value)


def _integer(shape: Shape) -> Convert:
    bits, words = (31, "an Integer") if shape.type == "integer" else (63, "a Long")
    limit = 1 << bits
    # Where the shape has a range, that range's error is the better one.
    ranged = shape.minimum is not None and shape.maximum is not None

    def integer(value: Any) -> int:
        if type(value) is float and math.isfinite(value):
            value = int(value)  # AWS cuts fractions off
        if type(value) is not int or not (ranged or -limit <= value < limit):
            _mismatch(value, f"{{}} can not be converted to {words}")
        return value

    return integer


def _blob(value: Any) -> bytes:
    if type(value) is not str:
        _mismatch(value, "{} can not be converted to a Blob")
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        # The text may be key material: it is not repeated.
        raise _refused("the value can not be converted to a Blob: it is not base64") from error


def _timestamp(name: str) -> Convert:
    numeric = name == "unixTimestamp"
    read: Convert = read_epoch if numeric else READ_TEXT[name]

    def timestamp(value: Any) -> datetime:
        if type(value) not in ((int, float) if numeric else (str,)):
            _mismatch(value, "{} can not be converted to milliseconds since epoch")
        try:
            moment: datetime = read(value)
        except ValueError as error:
            raise _refused("the value can not be converted to a timestamp") from error
        return moment

    return timestamp


_SCALARS: dict[str, Convert] = {
    "string": _string,
    "character": _string,
    "boolean": _boolean,
    "float": _number,
    "double": _number,
    "blob": _blob,
}


class _Encoder(ShapeCompiler):
    def build(self, shape: Shape, reference: Reference) -> Convert:
        match shape.type:
            case "structure" if not shape.document:
                return self._structure(shape)
            case "list":
                encode = self.compile(shape.element("member"))
                return lambda value: [encode(item) for item in value]
            case "map":
                encode = self.compile(shape.element("value"))
                return lambda value: {key: encode(item) for key, item in value.items()}
            case "timestamp":
                return WRITE[timestamp_format(shape, reference, "unixTimestamp")]
            case "blob":
                return lambda value: base64.b64encode(value).decode()
        return lambda value: value

    def _structure(self, shape: Shape) -> Convert:
        members = {
            name: (reference.location_name or name, self.compile(reference))
            for name, reference in shape.members.items()
        }

        def structure(value: Mapping[str, Any]) -> dict[str, Any]:
            result = {}
            for name, item in value.items():
                member = members.get(name)
                if member is None:
                    raise OutputError(f"shape `{shape.name}` has no member `{name}`")
                if item is not None:
                    result[member[0]] = member[1](item)
            return result

        return structure
