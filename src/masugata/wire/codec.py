"""One operation in one protocol: requests to values, values to answers, compiled once and kept."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from masugata.errors import AwsError
from masugata.wire import awsjson, query, xml
from masugata.wire.constraints import compile_constraints, validation_error
from masugata.wire.message import HttpRequest, HttpResponse
from masugata.wire.models import Operation, ServiceModel, load_service

Decode = Callable[[HttpRequest], dict[str, Any]]
Encode = Callable[[Mapping[str, Any], str], bytes]


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """How one protocol is compiled for an operation, and the content type of its answers."""

    request: Callable[[ServiceModel, Operation], Decode]
    response: Callable[[ServiceModel, Operation], Encode]
    content_type: str


class Codec(msgspec.Struct, frozen=True, kw_only=True):
    """One operation in one protocol.

    `parse` gives the input by AWS's member names (str, int, float, bool, bytes, aware datetime in UTC,
    list, dict; absent members absent) or raises AwsError: MalformedQueryString, MalformedInput or
    SerializationException for what cannot be read, ValidationError for broken constraints.
    `serialize` gives the answer for an output in the same form and a request id; it raises
    OutputError for a member that the operation does not have.
    """

    service: str
    operation: str
    protocol: str
    parse: Decode
    serialize: Callable[[Mapping[str, Any], str], HttpResponse]


def _query_response(model: ServiceModel, operation: Operation) -> Encode:
    return xml.compile_response(model, operation.name, operation.output, operation.result_wrapper)


def _json_response(model: ServiceModel, operation: Operation) -> Encode:
    encode = awsjson.compile_response(model, operation.name, operation.output)
    return lambda output, _request_id: encode(output)


def _json(version: str) -> Protocol:
    return Protocol(
        request=lambda model, operation: awsjson.compile_request(model, operation.input),
        response=_json_response,
        content_type=f"application/x-amz-json-{version}",
    )


# Every protocol of the models. None: recognized, and answered with UnsupportedProtocol.
PROTOCOLS: Mapping[str, Protocol | None] = {
    "query": Protocol(
        request=lambda model, operation: query.compile_request(model, operation.input),
        response=_query_response,
        content_type="text/xml",
    ),
    "json-1.0": _json("1.0"),
    "json-1.1": _json("1.1"),
    "ec2": None,
    "rest-json": None,
    "rest-xml": None,
    "rpc-v2-cbor": None,
}


def unsupported_protocol(protocol: str, service: str) -> AwsError:
    """The error for a protocol that is not built, or that the service does not speak."""
    return AwsError(
        "UnsupportedProtocol", f"The protocol `{protocol}` is not supported for the service `{service}`.", 501
    )


@lru_cache(maxsize=8192)
def codec(service: str, operation: str, protocol: str) -> Codec:
    """The codec of that operation; AwsError UnsupportedProtocol where the service does not speak it.

    An unknown service or operation is a caller's mistake: UnknownServiceError, UnknownOperationError.
    """
    model = load_service(service)
    described = model.operation(operation)
    compiled = PROTOCOLS.get(protocol)
    if compiled is None or not speaks(model, protocol):
        raise unsupported_protocol(protocol, service)
    encode = compiled.response(model, described)
    status, content_type = described.status, ("Content-Type", compiled.content_type)

    def serialize(output: Mapping[str, Any], request_id: str) -> HttpResponse:
        return HttpResponse(
            status=status,
            headers=(content_type, ("x-amzn-RequestId", request_id)),
            body=encode(output, request_id),
        )

    return Codec(
        service=service,
        operation=operation,
        protocol=protocol,
        parse=_checked(compiled.request(model, described), model, described),
        serialize=serialize,
    )


def speaks(model: ServiceModel, protocol: str) -> bool:
    """Whether the service has the protocol; every json service is read in both versions."""
    return protocol in model.protocols or (
        protocol.startswith("json-") and any(name.startswith("json-") for name in model.protocols)
    )


def _checked(decode: Decode, model: ServiceModel, operation: Operation) -> Decode:
    check = None if operation.input is None else compile_constraints(model, operation.input)
    if check is None:
        return decode

    def parse(request: HttpRequest) -> dict[str, Any]:
        value = decode(request)
        violations = check(value)
        if violations:
            raise validation_error(violations)
        return value

    return parse
