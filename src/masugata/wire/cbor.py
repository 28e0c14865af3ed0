"""The smithy-rpc-v2-cbor protocol: bodies to values and back, compiled from the shapes.

Specification: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html. `cbor2` is
imported with the first body; it bounds depth and refuses maps that hold a key twice.
"""

import io
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from masugata.errors import AwsError
from masugata.wire._documents import (
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
from masugata.wire._timestamps import read_epoch, write_epoch
from masugata.wire.message import HttpRequest, HttpResponse
from masugata.wire.models import Operation, Reference, ServiceModel, Shape

CONTENT_TYPE = "application/cbor"
PROTOCOL_HEADER = ("smithy-protocol", "rpc-v2-cbor")


class _Epoch(msgspec.Struct, frozen=True):
    """What tag 1 stands before: seconds since 1970."""

    seconds: Any


def compile_request(model: ServiceModel, operation: Operation) -> Callable[[HttpRequest], dict[str, Any]]:
    """A function from a request to the operation's input, by member names; absent and null are absent.

    Raises AwsError SerializationException for anything that is not one map with values of the right
    types, UnsupportedMediaTypeException for another content type. No body is an empty map.
    """
    decode = None if operation.input is None else _Decoder(model).compile(Reference(shape=operation.input))

    def request_input(request: HttpRequest) -> dict[str, Any]:
        if not request.body:
            document: Any = {}
        else:
            _require_cbor(request)
            document = load(request.body)
        if decode is None:
            return {}
        decoded: dict[str, Any] = decode(document)
        return decoded

    return request_input


def compile_response(
    model: ServiceModel, operation: Operation
) -> Callable[[Mapping[str, Any], str], HttpResponse]:
    """A function from an output and a request id to the answer; no body where there is no output."""
    if operation.output is None:

        def nothing(output: Mapping[str, Any], request_id: str) -> HttpResponse:
            if output:
                raise OutputError(f"operation `{operation.name}` has no output, but got `{min(output)}`")
            headers = (PROTOCOL_HEADER, ("x-amzn-RequestId", request_id))
            return HttpResponse(status=200, headers=headers)

        return nothing
    encode = compile_members(model, operation.output)

    def answer(output: Mapping[str, Any], request_id: str) -> HttpResponse:
        headers = (("Content-Type", CONTENT_TYPE), PROTOCOL_HEADER, ("x-amzn-RequestId", request_id))
        return HttpResponse(status=200, headers=headers, body=dump(encode(output)))

    return answer


def compile_members(model: ServiceModel, shape_name: str) -> Convert:
    """A function from a structure to what `dump` writes."""
    return _Encoder(model).compile(Reference(shape=shape_name))


def load(body: bytes) -> Any:
    """The one data item of `body`; AwsError SerializationException if it is not sound.

    Strings, arrays and maps may have an indefinite length. Of tags only 1 is allowed, keys are
    texts, and no key occurs twice.
    """
    import cbor2  # noqa: PLC0415  (15 ms that only this protocol needs)

    stream = io.BytesIO(body)
    decoder = cbor2.CBORDecoder(
        stream,
        semantic_decoders=_OnlyEpoch({1: lambda value, _immutable: _Epoch(value)}),
        tag_hook=_no_tag,
        object_hook=_text_keys,
        max_depth=MAX_DEPTH,
        allow_duplicate_keys=False,
        strict_hashable_types=True,
    )
    try:
        item = decoder.decode()
    except (cbor2.CBORDecodeError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        # The text of the cause may repeat what is secret.
        raise refused(f"the body is not valid CBOR: {type(error).__name__}") from error
    try:
        decoder.read(1)
    except cbor2.CBORDecodeEOF:
        return item
    raise refused("the body is not valid CBOR: bytes follow after its end")


def dump(item: Any) -> bytes:
    """The CBOR of what an encoder made."""
    import cbor2  # noqa: PLC0415  (as above)

    return cbor2.dumps(item)


class _OnlyEpoch(dict[int, Callable[[Any, bool], Any]]):
    """Decoders by tag: cbor2 asks here before it uses its own, of which we want none."""

    def __missing__(self, tag: int) -> NoReturn:
        raise ValueError(f"the tag {tag} is not allowed")


def _no_tag(tag: Any, _immutable: bool) -> NoReturn:
    raise ValueError(f"the tag {tag.tag} is not allowed")


def _text_keys(found: Mapping[Any, Any], _immutable: bool) -> Mapping[Any, Any]:
    if not all(type(key) is str for key in found):
        raise ValueError("a key is not a text")
    return found


def _require_cbor(request: HttpRequest) -> None:
    content_type = request.header("content-type") or ""
    if content_type.partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise AwsError("UnsupportedMediaType", f"the body must be `{CONTENT_TYPE}`", 415)


class _Decoder(DocumentDecoder):
    def scalar(self, shape: Shape, reference: Reference) -> Convert:
        del reference  # a timestamp has one form here, whatever the model says of JSON
        match shape.type:
            case "integer" | "long":
                return integer_reader(shape)
        return _SCALARS[shape.type]


def _number(value: Any) -> float:
    if type(value) is not float and type(value) is not int:
        mismatch(value, "{} can not be converted to a Double")
    # What is not a number is in no range, so it would pass every check of one.
    if not math.isfinite(value):
        raise refused("NaN and infinite numbers are not allowed")
    return float(value)


def _blob(value: Any) -> bytes:
    if type(value) is not bytes:
        mismatch(value, "{} can not be converted to a Blob")
    return value


def _timestamp(value: Any) -> datetime:
    if type(value) is not _Epoch or type(value.seconds) not in (int, float):
        mismatch(value, "{} can not be converted to milliseconds since epoch")
    try:
        return read_epoch(value.seconds)
    except ValueError as error:
        raise refused("the value can not be converted to a timestamp") from error


_SCALARS: dict[str, Convert] = {
    "string": string,
    "character": string,
    "boolean": boolean,
    "float": _number,
    "double": _number,
    "blob": _blob,
    "timestamp": _timestamp,
}


class _Encoder(DocumentEncoder):
    def scalar(self, shape: Shape, reference: Reference) -> Convert:
        del reference
        match shape.type:
            case "timestamp":
                from cbor2 import CBORTag  # noqa: PLC0415  (as above)

                return lambda value: CBORTag(1, write_epoch(value))
            case "float" | "double":
                return float
            case "blob":
                return bytes
        return lambda value: value
