"""The bodies of json 1.0 and 1.1, and of rest-json: to values and back, compiled from the shapes.

Specification: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html. The texts of type
errors are those that AWS's services answer.
"""

import base64
import binascii
import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import orjson

from masugata.wire._documents import (
    LIST_FOUND,
    MAX_DEPTH,
    Convert,
    DocumentDecoder,
    DocumentEncoder,
    OutputError,
    boolean,
    integer_reader,
    mismatch,
    refused,
    string,
)
from masugata.wire._texts import float_text
from masugata.wire._timestamps import READ_TEXT, WRITE, read_epoch
from masugata.wire.message import HttpRequest
from masugata.wire.models import Reference, ServiceModel, Shape

_CONTAINERS: Final[frozenset[type]] = frozenset((dict, list))


def compile_request(model: ServiceModel, input_shape: str | None) -> Callable[[HttpRequest], dict[str, Any]]:
    """A function from a request to the operation's input, by member names; absent and null are absent.

    Unknown members are ignored, as AWS does, but refused for the services that are `EXACT`. It raises
    AwsError SerializationException for anything that is not one JSON object with values of the right types.
    """
    decode = None if input_shape is None else JsonDecoder(model).compile(Reference(shape=input_shape))

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
    return JsonEncoder(model).compile(Reference(shape=shape_name))


def load_object(body: bytes) -> dict[str, Any]:
    """The body as one JSON object; AwsError SerializationException if it is not, or is ambiguous."""
    document = load_document(body)
    if not isinstance(document, dict):
        raise refused(LIST_FOUND if isinstance(document, list) else "the body must be a JSON object")
    return document


def load_document(body: bytes) -> Any:
    """The body as JSON of any kind; AwsError SerializationException if it is not, or is ambiguous."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise refused(f"the body is not valid JSON: {error.msg}") from error
    # orjson lets the last of two equal keys win. Every key has its colon, so fewer keys than colons
    # means colons in strings, or a key that was lost.
    if isinstance(document, dict | list) and body.count(b":") != _count_keys(document, 1):
        # Only keys matter here, and a number of 5000 digits would be an error of its own.
        json.loads(body.decode(), object_pairs_hook=_without_duplicates, parse_int=len, parse_float=len)
    return document


def _count_keys(value: Any, depth: int) -> int:
    if depth > MAX_DEPTH:
        raise refused(f"the body is nested deeper than {MAX_DEPTH} levels")
    keys, items = (len(value), value.values()) if isinstance(value, dict) else (0, value)
    for item in items:
        if item.__class__ in _CONTAINERS:
            keys += _count_keys(item, depth + 1)
    return keys


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise refused("a key occurs twice in one object")
    return found


class JsonDecoder(DocumentDecoder):
    """Compiles shapes to functions from parsed JSON to values."""

    def scalar(self, shape: Shape, reference: Reference) -> Convert:
        """The function for a scalar: blobs are base64, timestamps epoch seconds by default."""
        match shape.type:
            case "timestamp":
                return _timestamp(reference.timestamp_format or "unixTimestamp")
            case "integer" | "long":
                return _integer(shape)
        return _SCALARS[shape.type]


def _number(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        mismatch(value, "{} can not be converted to a Double")
    return float(value)


def _integer(shape: Shape) -> Convert:
    integer = integer_reader(shape)

    def whole(value: Any) -> Any:
        # AWS cuts fractions off.
        return integer(int(value) if type(value) is float and math.isfinite(value) else value)

    return whole


def _blob(value: Any) -> bytes:
    if type(value) is not str:
        mismatch(value, "{} can not be converted to a Blob")
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        # The text may be key material: it is not repeated.
        raise refused("the value can not be converted to a Blob: it is not base64") from error


def _timestamp(name: str) -> Convert:
    numeric = name == "unixTimestamp"
    read: Convert = read_epoch if numeric else READ_TEXT[name]

    def timestamp(value: Any) -> datetime:
        if type(value) not in ((int, float) if numeric else (str,)):
            mismatch(value, "{} can not be converted to milliseconds since epoch")
        try:
            moment: datetime = read(value)
        except ValueError as error:
            raise refused("the value can not be converted to a timestamp") from error
        return moment

    return timestamp


_SCALARS: dict[str, Convert] = {
    "string": string,
    "character": string,
    "boolean": boolean,
    "float": _number,
    "double": _number,
    "blob": _blob,
}


class JsonEncoder(DocumentEncoder):
    """Compiles shapes to functions from values to what JSON can say."""

    def scalar(self, shape: Shape, reference: Reference) -> Convert:
        """The function for a scalar; numbers that JSON does not have are `NaN`, `Infinity`, `-Infinity`."""
        match shape.type:
            case "timestamp":
                return WRITE[reference.timestamp_format or "unixTimestamp"]
            case "blob":
                return lambda value: base64.b64encode(value).decode()
            case "float" | "double":
                return lambda value: value if math.isfinite(value) else float_text(value)
        return lambda value: value
