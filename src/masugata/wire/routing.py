"""Which service and operation a request is for, and in which protocol it speaks.

Decided by the request alone, in this order: `X-Amz-Target`; the path of rpc-v2-cbor; the service in
the credential scope; `Action` and `Version`. A service may speak several protocols.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import NoReturn

import msgspec

from masugata.errors import AwsError
from masugata.wire.codec import unsupported_protocol
from masugata.wire.form import parameters
from masugata.wire.message import HttpRequest
from masugata.wire.models import ServiceModel, load_service

_CBOR_PATH = re.compile(r"/service/([A-Za-z0-9_.]{1,128})/operation/([A-Za-z0-9_]{1,128})")
# key id, day, Region and service; with SigV4a there is no Region
_SCOPE_VALUE = re.compile(
    r"[^/,\s]{0,256}/[^/,\s]{0,64}/(?:[^/,\s]{0,64}/([^/,\s]{1,64})/|([^/,\s]{1,64})/aws4_request(?![^,\s]))"
)
_SCOPE = re.compile(f"Credential={_SCOPE_VALUE.pattern}")
_NO_VERSION = "NO_VERSION_SPECIFIED"
_SHOWN = 128
# Services called by their path answer in JSON, but for these.
_XML_SERVICES = frozenset({"s3", "s3express", "s3-outposts", "route53", "cloudfront"})


class Route(msgspec.Struct, frozen=True):
    """Where a request goes: a service (botocore's name), an operation of its model, a protocol."""

    service: str
    operation: str
    protocol: str


class RoutingError(AwsError):
    """A request that goes nowhere; `protocol` and `service` say how to answer it."""

    def __init__(self, error: AwsError, protocol: str, service: str | None = None) -> None:
        super().__init__(error.code, error.message, error.status, **error.fields)
        self.protocol = protocol
        self.service = service


class _Served(msgspec.Struct, frozen=True):
    """The served services by what requests call them."""

    by_target: Mapping[str, ServiceModel]
    by_signing_name: Mapping[str, tuple[ServiceModel, ...]]
    query: tuple[ServiceModel, ...]


@lru_cache(maxsize=32)
def _served(names: frozenset[str]) -> _Served:
    models = [load_service(name) for name in sorted(names)]
    by_signing_name: dict[str, tuple[ServiceModel, ...]] = {}
    for model in models:
        by_signing_name[model.signing_name] = (*by_signing_name.get(model.signing_name, ()), model)
    return _Served(
        by_target={model.target_prefix: model for model in models if model.target_prefix},
        by_signing_name=by_signing_name,
        query=tuple(model for model in models if "query" in model.protocols),
    )


def route(request: HttpRequest, served: Collection[str]) -> Route:
    """The route of the request among the `served` services; RoutingError if there is none.

    A request that is signed for a service which is not served is answered 501, by the service's name.
    """
    models = _served(served if isinstance(served, frozenset) else frozenset(served))
    try:
        return _route(request, models)
    except RoutingError as error:
        name = _signing_name(request)
        if error.service is not None or name is None or name in models.by_signing_name:
            raise
        protocol = (
            "rest-json" if error.code == "MissingAction" and name not in _XML_SERVICES else error.protocol
        )
        not_served = AwsError("NotImplemented", f"The service `{name}` is not implemented.", 501)
        raise RoutingError(not_served, protocol) from error


def _route(request: HttpRequest, models: _Served) -> Route:
    targets = [value for name, value in request.headers if name == "x-amz-target"]
    if targets:
        return _by_target(request, targets, models)
    if request.header("smithy-protocol") == "rpc-v2-cbor":
        _refuse_cbor(request, models)
    return _by_scope_or_action(request, models)


def _by_target(request: HttpRequest, targets: list[str], models: _Served) -> Route:
    protocol = _json_version(request)
    target = targets[0]
    # A prefix may have dots itself, as cloudtrail's has.
    prefix, _, operation = target.rpartition(".")
    model = models.by_target.get(prefix)
    if len(targets) > 1 or model is None or request.method != "POST":
        error = _unknown(f"unknown target `{target[:_SHOWN]}` of the method `{request.method[:16]}`")
        raise RoutingError(error, protocol, None if model is None else model.name)
    if not model.has_operation(operation):
        raise RoutingError(_unknown(f"unknown operation `{operation[:_SHOWN]}`"), protocol, model.name)
    return Route(model.name, operation, protocol)


def _refuse_cbor(request: HttpRequest, models: _Served) -> NoReturn:
    found = _CBOR_PATH.fullmatch(request.path)
    model = models.by_target.get(found[1]) if found else None
    if model is None:
        error = _unknown(f"unknown path `{request.path[:_SHOWN]}`")
        raise RoutingError(error, "rpc-v2-cbor")
    raise RoutingError(unsupported_protocol("rpc-v2-cbor", model.name), "rpc-v2-cbor", model.name)


def _by_scope_or_action(request: HttpRequest, models: _Served) -> Route:
    candidates = models.by_signing_name.get(_signing_name(request) or "", ())
    queries = tuple(model for model in candidates if "query" in model.protocols)
    if candidates and not queries:
        # The scope names a service that is called by a target or a path.
        _refuse_other_protocol(request, candidates)
    json = _json_version(request) if _is_json(request) else None
    service = queries[0].name if queries else None
    if json is not None:
        raise RoutingError(_unknown("the header `X-Amz-Target` is missing"), json, service)
    try:
        given = parameters(request)
    except AwsError as error:
        raise RoutingError(error, "query", service) from error
    action, version = given.get("Action"), given.get("Version", _NO_VERSION)
    if not action:
        missing = AwsError("MissingAction", "The request is missing an action or a required parameter.")
        raise RoutingError(missing, "query", service)
    if request.method in ("GET", "POST"):
        # An unsigned call, as AssumeRoleWithWebIdentity, has no scope: any service may have the operation.
        for model in queries or models.query:
            if model.api_version == version and model.has_operation(action):
                return Route(model.name, action, "query")
    unknown = AwsError(
        "InvalidAction", f"Could not find operation {action[:_SHOWN]} for version {version[:_SHOWN]}"
    )
    raise RoutingError(unknown, "query", service)


def _refuse_other_protocol(request: HttpRequest, candidates: tuple[ServiceModel, ...]) -> NoReturn:
    model = candidates[0]
    if any(name.startswith("json-") for name in model.protocols):
        raise RoutingError(
            _unknown("the header `X-Amz-Target` is missing"), _json_version(request), model.name
        )
    protocol = model.protocols[0]
    raise RoutingError(unsupported_protocol(protocol, model.name), protocol, model.name)


def _signing_name(request: HttpRequest) -> str | None:
    """The service in the credential scope, unverified: good for finding the way, for nothing else."""
    authorization = request.header("authorization")
    if authorization is not None:
        found = _SCOPE.search(authorization[:2048])
        return (found[1] or found[2]) if found else None
    if "X-Amz-Credential" not in request.query:
        return None
    try:
        credential = parameters(request).get("X-Amz-Credential", "")
    except AwsError:
        return None  # the caller reads the parameters again, and then it counts
    found = _SCOPE_VALUE.match(credential)
    return (found[1] or found[2]) if found else None


def _is_json(request: HttpRequest) -> bool:
    return (request.header("content-type") or "").lower().startswith("application/x-amz-json-1.")


def _json_version(request: HttpRequest) -> str:
    content_type = (request.header("content-type") or "").lower()
    return "json-1.0" if content_type.startswith("application/x-amz-json-1.0") else "json-1.1"


def _unknown(text: str) -> AwsError:
    return AwsError("UnknownOperation", text)
