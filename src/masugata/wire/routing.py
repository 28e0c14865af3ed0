"""Which service and operation a request is for, and in which protocol it speaks.

Decided by the request alone, in this order: the path of rpc-v2-cbor; `X-Amz-Target`; the service in
the credential scope; `Action` and `Version`; the path. A service may speak several protocols.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

import msgspec

from masugata.errors import AwsError
from masugata.wire.form import parameters, query_pairs
from masugata.wire.message import HttpRequest
from masugata.wire.models import ServiceModel, load_service
from masugata.wire.uris import matcher

_CBOR_PATH = re.compile(r"/service/([A-Za-z0-9_.]{1,128})/operation/([A-Za-z0-9_]{1,128})")
# key id, day, Region and service; with SigV4a there is no Region
_SCOPE_VALUE = re.compile(
    r"[^/,\s]{0,256}/[^/,\s]{0,64}/(?:[^/,\s]{0,64}/([^/,\s]{1,64})/|([^/,\s]{1,64})/aws4_request(?![^,\s]))"
)
_SCOPE = re.compile(f"Credential={_SCOPE_VALUE.pattern}")
_NO_VERSION = "NO_VERSION_SPECIFIED"
_SHOWN = 128
_QUERY = frozenset({"query", "ec2"})
_REST = frozenset({"rest-json", "rest-xml"})
# How services that are not served answer, where it is not one of the common protocols.
_NOT_SERVED = {"s3": "rest-xml", "route53": "rest-xml", "cloudfront": "rest-xml", "ec2": "ec2"}


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

    by_target: Mapping[str, tuple[ServiceModel, ...]]
    by_signing_name: Mapping[str, tuple[ServiceModel, ...]]
    all: tuple[ServiceModel, ...]


@lru_cache(maxsize=32)
def _served(names: frozenset[str]) -> _Served:
    models = tuple(load_service(name) for name in sorted(names))
    by_target: dict[str, tuple[ServiceModel, ...]] = {}
    by_signing_name: dict[str, tuple[ServiceModel, ...]] = {}
    for model in models:
        if model.target_prefix:
            by_target[model.target_prefix] = (*by_target.get(model.target_prefix, ()), model)
        by_signing_name[model.signing_name] = (*by_signing_name.get(model.signing_name, ()), model)
    return _Served(by_target, by_signing_name, models)


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
        protocol = "rest-json" if error.code == "MissingAction" else error.protocol
        not_served = AwsError("NotImplemented", f"The service `{name}` is not implemented.", 501)
        raise RoutingError(not_served, _NOT_SERVED.get(name, protocol)) from error


def _route(request: HttpRequest, models: _Served) -> Route:
    targets = [value for name, value in request.headers if name == "x-amz-target"]
    if request.header("smithy-protocol") == "rpc-v2-cbor":
        return _by_cbor_path(request, models, targets)
    if targets:
        return _by_target(request, targets, models)
    return _by_scope_or_action(request, models)


def _by_cbor_path(request: HttpRequest, models: _Served, targets: list[str]) -> Route:
    found = _CBOR_PATH.fullmatch(request.path)
    prefix, operation = (found[1], found[2]) if found else ("", "")
    candidates = tuple(
        model for model in models.by_target.get(prefix, ()) if "rpc-v2-cbor" in model.protocols
    )
    if not candidates or targets or request.method != "POST":
        error = _unknown(f"unknown path `{request.path[:_SHOWN]}` of the method `{request.method[:16]}`")
        service = candidates[0].name if candidates else None
        raise RoutingError(error, "rpc-v2-cbor", service)
    return _of_prefix(candidates, operation, "rpc-v2-cbor")


def _by_target(request: HttpRequest, targets: list[str], models: _Served) -> Route:
    protocol = _json_version(request)
    target = targets[0]
    # A prefix may have dots itself, as cloudtrail's has.
    prefix, _, operation = target.rpartition(".")
    candidates = models.by_target.get(prefix, ())
    if len(targets) > 1 or not candidates or request.method != "POST":
        error = _unknown(f"unknown target `{target[:_SHOWN]}` of the method `{request.method[:16]}`")
        raise RoutingError(error, protocol, candidates[0].name if candidates else None)
    return _of_prefix(candidates, operation, protocol)


def _of_prefix(candidates: tuple[ServiceModel, ...], operation: str, protocol: str) -> Route:
    """The service among those with one target prefix that has the operation."""
    for model in candidates:
        if model.has_operation(operation):
            return Route(model.name, operation, protocol)
    raise RoutingError(_unknown(f"unknown operation `{operation[:_SHOWN]}`"), protocol, candidates[0].name)


def _by_scope_or_action(request: HttpRequest, models: _Served) -> Route:
    signing_name = _signing_name(request)
    candidates = models.by_signing_name.get(signing_name or "", ())
    queries = _speaking(candidates, _QUERY)
    rest = _speaking(candidates, _REST)
    # Services may share a signing name and not a protocol; a path other than `/` is never a query's.
    if rest and not (queries and request.path == "/"):
        return _by_path(request, rest)
    if candidates and not queries:
        # The scope names a service that is called by a target.
        raise RoutingError(
            _unknown("the header `X-Amz-Target` is missing"), _json_version(request), candidates[0].name
        )
    if signing_name is None and request.path != "/":
        found = _unsigned_by_path(request, models)
        if found is not None:
            return found
    return _by_action(request, queries, models)


def _by_action(request: HttpRequest, queries: tuple[ServiceModel, ...], models: _Served) -> Route:
    service = queries[0].name if queries else None
    protocol = "ec2" if queries and "ec2" in queries[0].protocols else "query"
    if _is_json(request):
        raise RoutingError(_unknown("the header `X-Amz-Target` is missing"), _json_version(request), service)
    try:
        given = parameters(request)
    except AwsError as error:
        raise RoutingError(error, protocol, service) from error
    action, version = given.get("Action"), given.get("Version", _NO_VERSION)
    if not action:
        missing = AwsError("MissingAction", "The request is missing an action or a required parameter.")
        raise RoutingError(missing, protocol, service)
    if request.method in ("GET", "POST"):
        # An unsigned call, as AssumeRoleWithWebIdentity, has no scope: any service may have the operation.
        for model in queries or _speaking(models.all, _QUERY):
            if model.api_version == version and model.has_operation(action):
                return Route(model.name, action, _spoken(model, _QUERY))
    unknown = AwsError(
        "InvalidAction", f"Could not find operation {action[:_SHOWN]} for version {version[:_SHOWN]}"
    )
    raise RoutingError(unknown, protocol, service)


def _by_path(request: HttpRequest, candidates: tuple[ServiceModel, ...]) -> Route:
    """The operation whose method and path the request has, in services with one signing name."""
    first = candidates[0]
    try:
        for model in candidates:
            operation = matcher(model.name).operation(request)
            if operation is not None:
                return Route(model.name, operation, _spoken(model, _REST))
    except AwsError as error:
        raise RoutingError(error, _spoken(first, _REST), first.name) from error
    unknown = _unknown(f"unknown path `{request.path[:_SHOWN]}` of the method `{request.method[:16]}`")
    raise RoutingError(unknown, _spoken(first, _REST), first.name)


def _unsigned_by_path(request: HttpRequest, models: _Served) -> Route | None:
    """The operation of any service with that path, so that a missing signature is refused as it does.

    Of several services that of the host counts, then any whose operation needs a signature.
    """
    host = (request.header("host") or "").partition(".")[0].lower()
    found: list[tuple[bool, bool, Route]] = []
    for model in _speaking(models.all, _REST):
        try:
            operation = matcher(model.name).operation(request)
        except AwsError as error:
            raise RoutingError(error, _spoken(model, _REST), model.name) from error
        if operation is not None:
            unsigned = model.operation(operation).unsigned
            other_host = host != model.endpoint_prefix
            found.append((other_host, unsigned, Route(model.name, operation, _spoken(model, _REST))))
    return min(found, key=lambda item: item[:2])[2] if found else None


def _speaking(models: tuple[ServiceModel, ...], protocols: frozenset[str]) -> tuple[ServiceModel, ...]:
    return tuple(model for model in models if not protocols.isdisjoint(model.protocols))


def _spoken(model: ServiceModel, protocols: frozenset[str]) -> str:
    return next(name for name in model.protocols if name in protocols)


def _signing_name(request: HttpRequest) -> str | None:
    """The service in the credential scope, unverified: good for finding the way, for nothing else."""
    authorization = request.header("authorization")
    if authorization is not None:
        found = _SCOPE.search(authorization[:2048])
        return (found[1] or found[2]) if found else None
    if "X-Amz-Credential" not in request.query:
        return None
    try:
        credential = dict(query_pairs(request.query)).get("X-Amz-Credential", "")
    except AwsError:
        return None  # the query string is read again, and then it counts
    found = _SCOPE_VALUE.match(credential)
    return (found[1] or found[2]) if found else None


def _is_json(request: HttpRequest) -> bool:
    return (request.header("content-type") or "").lower().startswith("application/x-amz-json-1.")


def _json_version(request: HttpRequest) -> str:
    content_type = (request.header("content-type") or "").lower()
    return "json-1.0" if content_type.startswith("application/x-amz-json-1.0") else "json-1.1"


def _unknown(text: str) -> AwsError:
    return AwsError("UnknownOperation", text)
