"""AWS errors on the wire: which name and status an error has in each protocol, and its answer.

Inside the house an error has its canonical code, the one of the query protocol; the table below is
the only place that knows the others. Codes that the service's model has are named as the model says.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import orjson

from masugata.errors import AwsError
from masugata.wire import awsjson, xml
from masugata.wire.message import HttpResponse
from masugata.wire.models import ServiceModel, Shape, UnknownServiceError, load_service


class ErrorName(msgspec.Struct, frozen=True):
    """One error that every service has: its name and HTTP status in query and in json protocols."""

    query: str
    json: str
    query_status: int = 400
    json_status: int = 400


# Canonical code -> names. Sources: AWS's "Common Errors" pages and, for json, what services answer
# (400 for nearly everything that is the caller's fault).
ERROR_NAMES: Mapping[str, ErrorName] = {
    "AccessDenied": ErrorName("AccessDenied", "AccessDeniedException", 403),
    "ExpiredToken": ErrorName("ExpiredToken", "ExpiredTokenException", 403),
    "IncompleteSignature": ErrorName("IncompleteSignature", "IncompleteSignatureException"),
    "InternalFailure": ErrorName("InternalFailure", "InternalFailure", 500, 500),
    "InvalidAction": ErrorName("InvalidAction", "UnknownOperationException"),
    "InvalidClientTokenId": ErrorName("InvalidClientTokenId", "UnrecognizedClientException", 403),
    "MalformedInput": ErrorName("MalformedInput", "SerializationException"),
    "MalformedQueryString": ErrorName("MalformedQueryString", "SerializationException", 404),
    "MissingAction": ErrorName("MissingAction", "UnknownOperationException"),
    "MissingAuthenticationToken": ErrorName(
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", 403
    ),
    "NotImplemented": ErrorName("NotImplemented", "NotImplementedException", 501, 501),
    "OptInRequired": ErrorName("OptInRequired", "OptInRequired", 403),
    "RequestEntityTooLarge": ErrorName("RequestEntityTooLarge", "RequestEntityTooLargeException", 413, 413),
    "RequestExpired": ErrorName("RequestExpired", "RequestExpired"),
    "RequestTimeTooSkewed": ErrorName("RequestTimeTooSkewed", "InvalidSignatureException", 403),
    "SerializationException": ErrorName("MalformedInput", "SerializationException"),
    "ServiceUnavailable": ErrorName("ServiceUnavailable", "ServiceUnavailableException", 503, 503),
    "SignatureDoesNotMatch": ErrorName("SignatureDoesNotMatch", "InvalidSignatureException", 403),
    "Throttling": ErrorName("Throttling", "ThrottlingException"),
    "UnknownOperation": ErrorName("InvalidAction", "UnknownOperationException"),
    "UnsupportedProtocol": ErrorName("UnsupportedProtocol", "UnsupportedProtocolException", 501, 501),
    "ValidationError": ErrorName("ValidationError", "ValidationException"),
}

# Services write these two with a capital, whatever their models say of others.
_CAPITAL_MESSAGE = frozenset({"AccessDeniedException", "SerializationException"})

# What AWS answers to a query that names no service it knows.
_FAULT_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"


class _Named(msgspec.Struct, frozen=True):
    """An error with its name and status in one protocol, and its shape where the model has one."""

    name: str
    status: int
    shape: Shape | None


def not_implemented(service: str, operation: str) -> AwsError:
    """What an operation answers that the model knows and nobody has built: 501, naming itself."""
    return AwsError(
        "NotImplemented", f"The operation `{operation}` of the service `{service}` is not implemented.", 501
    )


def recorded_name(error: AwsError, service: str | None) -> str:
    """The name of `error` in CloudTrail's `errorCode`: its shape's, as `NoSuchEntityException`.

    A denial is `AccessDenied` whatever the protocol. A general error has its name of the json protocols.
    """
    if error.code == "AccessDenied":
        return error.code
    named = _named(error, "json-1.1", _model(service))
    return named.shape.name if named.shape is not None else named.name


def serialize_error(
    error: AwsError, protocol: str, service: str | None, operation: str | None, request_id: str
) -> HttpResponse:
    """The answer that says `error`, in any protocol (query where it is unknown) and for any service or none.

    Modelled members among `error.fields` are included, and must have the types of the model.
    `operation` is for protocols whose errors depend on it; none of the present ones does.
    """
    del operation
    model = _model(service)
    named = _named(error, protocol, model)
    write = _WRITERS.get(protocol, _query)
    headers, body = write(error, named, protocol, model, request_id)
    return HttpResponse(status=named.status, headers=(*headers, ("x-amzn-RequestId", request_id)), body=body)


def _model(service: str | None) -> ServiceModel | None:
    if service is None:
        return None
    try:
        return load_service(service)
    except UnknownServiceError:
        return None


def _named(error: AwsError, protocol: str, model: ServiceModel | None) -> _Named:
    xml_names = protocol in ("query", "ec2", "rest-xml")
    general = ERROR_NAMES.get(error.code)
    name, status = error.code, error.status
    if general is not None:
        name = general.query if xml_names else general.json
        status = general.query_status if xml_names else general.json_status
        if protocol == "rest-json" and general.query_status == 403:
            status = 403  # services called by their path, as Lambda, say so; other JSON services do not
    shape = None if model is None else model.error(name)
    if shape is not None:
        # The wire's code is the shape's `error.code` in query, and the shape's name elsewhere.
        name = (shape.error_code or shape.name) if xml_names else shape.name
        if shape.http_status is not None:
            status = shape.http_status
        elif general is None and shape.fault:
            status = max(status, 500)
    return _Named(name, status if 400 <= status <= 599 else 400, shape)


def _fields(error: AwsError, shape: Shape | None) -> dict[str, Any]:
    """The modelled members beyond the message."""
    if shape is None:
        return {}
    return {
        name: value
        for name, value in error.fields.items()
        if name in shape.members and name.lower() != "message" and value is not None
    }


def _message_member(named: _Named) -> str:
    for member in () if named.shape is None else named.shape.members:
        if member.lower() == "message":
            return member
    return "Message" if named.name in _CAPITAL_MESSAGE else "message"


def _json_document(error: AwsError, named: _Named, model: ServiceModel | None) -> dict[str, Any]:
    fields = _fields(error, named.shape)
    if fields and named.shape is not None and model is not None:
        fields = awsjson.compile_members(model, named.shape.name)(fields)
    return {_message_member(named): error.message.encode("utf-8", "replace").decode(), **fields}


def _json(
    error: AwsError, named: _Named, protocol: str, model: ServiceModel | None, request_id: str
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    del request_id
    name = named.name
    if protocol == "json-1.0":
        # json 1.0 wants the whole shape id.
        namespace = (
            "com.amazon.coral.service"
            if named.shape is None or model is None
            else (f"com.amazonaws.{model.name}")
        )
        name = f"{namespace}#{name}"
    body = orjson.dumps({"__type": name, **_json_document(error, named, model)})
    return (("Content-Type", f"application/x-amz-{protocol}"),), body


def _rest_json(
    error: AwsError, named: _Named, protocol: str, model: ServiceModel | None, request_id: str
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    del protocol, request_id
    headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", named.name))
    return headers, orjson.dumps(_json_document(error, named, model))


def _cbor(
    error: AwsError, named: _Named, protocol: str, model: ServiceModel | None, request_id: str
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    del protocol, model, request_id
    headers = (("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"))
    texts = ("__type", named.name, _message_member(named), error.message)
    return headers, b"\xa2" + b"".join(_cbor_text(text) for text in texts)


def _cbor_text(text: str) -> bytes:
    """One text string of RFC 8949, section 3 (major type 3)."""
    raw = text.encode("utf-8", "replace")
    length = len(raw)
    if length < 24:
        return bytes((0x60 + length,)) + raw
    if length < 1 << 16:
        return b"\x79" + length.to_bytes(2, "big") + raw
    return b"\x7a" + length.to_bytes(4, "big") + raw


def _query(
    error: AwsError, named: _Named, protocol: str, model: ServiceModel | None, request_id: str
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    del protocol
    namespace = (model.xml_namespace if model is not None else None) or _FAULT_NAMESPACE
    fields = _fields(error, named.shape)
    more = ""
    if fields and named.shape is not None and model is not None:
        more = xml.compile_members(model, named.shape.name)(fields)
    fault = "Receiver" if named.status >= 500 else "Sender"
    body = (
        f'<ErrorResponse xmlns="{xml.escape(namespace)}"><Error><Type>{fault}</Type>'
        f"<Code>{xml.escape(named.name)}</Code><Message>{xml.escape(error.message)}</Message>{more}</Error>"
        f"<RequestId>{xml.escape(request_id)}</RequestId></ErrorResponse>"
    )
    return (("Content-Type", "text/xml"),), body.encode()


# Protocols that are not here yet answer as query does, which every client can read as an error.
_WRITERS: Mapping[
    str,
    Callable[[AwsError, _Named, str, ServiceModel | None, str], tuple[tuple[tuple[str, str], ...], bytes]],
] = {
    "query": _query,
    "json-1.0": _json,
    "json-1.1": _json,
    "rest-json": _rest_json,
    "rpc-v2-cbor": _cbor,
}
