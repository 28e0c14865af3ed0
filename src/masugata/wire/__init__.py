"""AWS's wire protocols, driven by botocore's service models as data."""

from masugata.wire._documents import OutputError
from masugata.wire.codec import PROTOCOLS, Codec, codec
from masugata.wire.errors import not_implemented, recorded_name, serialize_error
from masugata.wire.message import HttpRequest, HttpResponse
from masugata.wire.models import (
    ServiceModel,
    UnknownOperationError,
    UnknownServiceError,
    load_service,
    service_names,
)
from masugata.wire.routing import Route, RoutingError, route

__all__ = [
    "PROTOCOLS",
    "Codec",
    "HttpRequest",
    "HttpResponse",
    "OutputError",
    "Route",
    "RoutingError",
    "ServiceModel",
    "UnknownOperationError",
    "UnknownServiceError",
    "codec",
    "load_service",
    "not_implemented",
    "recorded_name",
    "route",
    "serialize_error",
    "service_names",
]
