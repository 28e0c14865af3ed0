"""One operation in one protocol: requests to values, values to answers, compiled once and kept."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from masugata.errors import AwsError
from masugata.wire import awsjson, cbor, query, rest, xml
from masugata.wire.constraint_errors import OWN_ERRORS
from masugata.wire.constraints import compile_constraints, validation_error
from masugata.wire.errors import not_implemented
from masugata.wire.message import HttpRequest, HttpResponse
from masugata.wire.models import Operation, ServiceModel, load_service

Decode = Callable[[HttpRequest], dict[str, Any]]
Encode = Callable[[Mapping[str, Any], str], HttpResponse]


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """How one protocol is compiled for an operation."""

    request: Callable[[ServiceModel, Operation], Decode]
    response: Callable[[ServiceModel, Operation], Encode]


class Codec(msgspec.Struct, frozen=True, kw_only=True):
    """One operation in one protocol.

    `parse` gives the input by AWS's member names (str, int, float, bool, bytes, aware datetime in UTC,
    list, dict; absent members absent) or raises AwsError: MalformedQueryString, MalformedInput,
    SerializationException or UnsupportedMediaType for what cannot be read, ValidationError for broken
    constraints. `serialize` gives the answer for an output in the same form and a request id; it raises
    OutputError for a member that the operation does not have.
    """

    service: str
    operation: str
    protocol: str
    parse: Decode
    serialize: Encode


def _answering(content_type: str, status: int, encode: Callable[[Mapping[str, Any], str], bytes]) -> Encode:
    """Answers of a protocol in which an output is a body and nothing else."""
    header = ("Content-Type", content_type)

    def answer(output: Mapping[str, Any], request_id: str) -> HttpResponse:
        headers = (header, ("x-amzn-RequestId", request_id))
        return HttpResponse(status=status, headers=headers, body=encode(output, request_id))

    return answer


def _xml(*, ec2: bool) -> Protocol:
    return Protocol(
        request=lambda model, operation: query.compile_request(model, operation.input, ec2=ec2),
        response=lambda model, operation: _answering(
            "text/xml", operation.status, xml.compile_response(model, operation, ec2=ec2)
        ),
    )


def _json(version: str) -> Protocol:
    def response(model: ServiceModel, operation: Operation) -> Encode:
        encode = awsjson.compile_response(model, operation.name, operation.output)
        content_type = f"application/x-amz-json-{version}"
        return _answering(content_type, operation.status, lambda output, _request_id: encode(output))

    return Protocol(
        request=lambda model, operation: awsjson.compile_request(model, operation.input), response=response
    )


def _rest(form: rest.Format) -> Protocol:
    return Protocol(
        request=lambda model, operation: rest.compile_request(model, operation, form),
        response=lambda model, operation: rest.compile_response(model, operation, form),
    )


PROTOCOLS: Mapping[str, Protocol] = {
    "query": _xml(ec2=False),
    "ec2": _xml(ec2=True),
    "json-1.0": _json("1.0"),
    "json-1.1": _json("1.1"),
    "rest-json": _rest(rest.JSON),
    "rest-xml": _rest(rest.XML),
    "rpc-v2-cbor": Protocol(request=cbor.compile_request, response=cbor.compile_response),
}
"""Every protocol of the models, by this package's names."""


def unsupported_protocol(protocol: str, service: str) -> AwsError:
    """The error for a protocol that the service does not speak."""
    return AwsError(
        "UnsupportedProtocol", f"The protocol `{protocol}` is not supported for the service `{service}`.", 501
    )


@lru_cache(maxsize=8192)
def codec(service: str, operation: str, protocol: str) -> Codec:
    """The codec of that operation; AwsError UnsupportedProtocol where the service does not speak it.

    An operation that streams events is NotImplemented. An unknown service or operation is a caller's
    mistake: UnknownServiceError, UnknownOperationError.
    """
    model = load_service(service)
    described = model.operation(operation)
    compiled = PROTOCOLS.get(protocol)
    if compiled is None or not speaks(model, protocol):
        raise unsupported_protocol(protocol, service)
    if model.streams_events(described):
        raise not_implemented(service, operation)
    return Codec(
        service=service,
        operation=operation,
        protocol=protocol,
        parse=_checked(compiled.request(model, described), model, described),
        serialize=compiled.response(model, described),
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
    refuse = OWN_ERRORS.get(model.name, validation_error)

    def parse(request: HttpRequest) -> dict[str, Any]:
        value = decode(request)
        violations = check(value)
        if violations:
            raise refuse(violations)
        return value

    return parse
