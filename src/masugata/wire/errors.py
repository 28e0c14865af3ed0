"""AWS errors on the wire: which name and status an error has in each protocol, and its answer.

Inside the house an error has its canonical code, the one of the query protocol; the table below is
the only place that knows the others. Codes that the service's model has are named as the model says.
"""

from collections.abc import Mapping

import msgspec

from masugata.errors import AwsError
from masugata.wire._error_bodies import WRITERS, Named
from masugata.wire.message import HttpResponse
from masugata.wire.models import ServiceModel, UnknownServiceError, load_service


class ErrorName(msgspec.Struct, frozen=True):
    """One error that every service has: its name in XML and in other protocols, and its HTTP statuses.

    json and CBOR have 400 for nearly everything that is the caller's fault; services that are called
    by path have a status of their own.
    """

    query: str
    json: str
    query_status: int = 400
    json_status: int = 400
    rest_status: int = 400


# Canonical code -> names. Sources: AWS's "Common Errors" pages and what services answer.
ERROR_NAMES: Mapping[str, ErrorName] = {
    "AccessDenied": ErrorName("AccessDenied", "AccessDeniedException", 403, rest_status=403),
    "ExpiredToken": ErrorName("ExpiredToken", "ExpiredTokenException", 403, rest_status=403),
    "IncompleteSignature": ErrorName(
        "IncompleteSignature", "IncompleteSignatureException", 400, rest_status=403
    ),
    "InternalFailure": ErrorName("InternalFailure", "InternalFailure", 500, 500, 500),
    "InvalidAction": ErrorName("InvalidAction", "UnknownOperationException", rest_status=404),
    "InvalidClientTokenId": ErrorName(
        "InvalidClientTokenId", "UnrecognizedClientException", 403, rest_status=403
    ),
    "MalformedInput": ErrorName("MalformedInput", "SerializationException"),
    "MalformedQueryString": ErrorName("MalformedQueryString", "SerializationException", 404),
    "MissingAction": ErrorName("MissingAction", "UnknownOperationException", rest_status=404),
    "MissingAuthenticationToken": ErrorName(
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", 403, rest_status=403
    ),
    "NotImplemented": ErrorName("NotImplemented", "NotImplementedException", 501, 501, 501),
    "RequestEntityTooLarge": ErrorName(
        "RequestEntityTooLarge", "RequestEntityTooLargeException", 413, 413, 413
    ),
    "SerializationException": ErrorName("MalformedInput", "SerializationException"),
    "ServiceUnavailable": ErrorName("ServiceUnavailable", "ServiceUnavailableException", 503, 503, 503),
    "SignatureDoesNotMatch": ErrorName(
        "SignatureDoesNotMatch", "InvalidSignatureException", 403, rest_status=403
    ),
    "Throttling": ErrorName("Throttling", "ThrottlingException", rest_status=429),
    "UnknownOperation": ErrorName("InvalidAction", "UnknownOperationException", rest_status=404),
    "UnsupportedMediaType": ErrorName("UnsupportedMediaType", "UnsupportedMediaTypeException", 415, 415, 415),
    "UnsupportedProtocol": ErrorName("UnsupportedProtocol", "UnsupportedProtocolException", 501, 501, 501),
    "ValidationError": ErrorName("ValidationError", "ValidationException"),
}

_XML = frozenset({"query", "ec2", "rest-xml"})
_REST = frozenset({"rest-json", "rest-xml"})


def not_implemented(service: str, operation: str, reason: str | None = None) -> AwsError:
    """What an operation answers that the model knows and nobody has built: 501, naming itself.

    `reason` says why it cannot be built, where that is known.
    """
    why = f": {reason}" if reason else ""
    return AwsError(
        "NotImplemented",
        f"The operation `{operation}` of the service `{service}` is not implemented{why}.",
        501,
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
    To HEAD there is no body: the server leaves it out. `operation` is for protocols whose errors depend
    on it; none of the present ones does.
    """
    del operation
    model = _model(service)
    named = _named(error, protocol, model)
    write = WRITERS.get(protocol, WRITERS["query"])
    headers, body = write(error, named, model, request_id)
    if model is not None and model.query_compatible and protocol not in _XML:
        # Clients that knew the service's query protocol look for the error's old name here.
        code = _named(error, "query", model).name
        headers = (*headers, ("x-amzn-query-error", f"{code};{named.fault}"))
    return HttpResponse(status=named.status, headers=(*headers, ("x-amzn-RequestId", request_id)), body=body)


def _model(service: str | None) -> ServiceModel | None:
    if service is None:
        return None
    try:
        return load_service(service)
    except UnknownServiceError:
        return None


def _named(error: AwsError, protocol: str, model: ServiceModel | None) -> Named:
    xml_names = protocol in _XML
    general = ERROR_NAMES.get(error.code)
    name, status = error.code, error.status
    if general is not None:
        name = general.query if xml_names else general.json
        status = general.query_status if xml_names else general.json_status
        if protocol in _REST:
            status = general.rest_status
    shape = None if model is None else model.error(name) or model.error(error.code)
    if shape is not None:
        # The wire's code is the shape's `error.code` in XML, and the shape's name elsewhere.
        name = (shape.error_code or shape.name) if xml_names else shape.name
        if shape.http_status is not None:
            status = shape.http_status
        elif general is None and shape.fault:
            status = max(status, 500)
    return Named(name, status if 400 <= status <= 599 else 400, shape)
