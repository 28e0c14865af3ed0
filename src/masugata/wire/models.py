"""AWS's service models, read as data from botocore's folder without importing botocore."""

import gzip
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import orjson

from masugata.errors import MasugataError

# botocore's names of protocols (and the json version) -> the names used in this package.
_JSON = {"1.0": "json-1.0", "1.1": "json-1.1"}
_PROTOCOLS = {
    "query": "query",
    "ec2": "ec2",
    "rest-json": "rest-json",
    "rest-xml": "rest-xml",
    "smithy-rpc-v2-cbor": "rpc-v2-cbor",
}

# Services without Regions: boto3 signs for us-east-1 at AWS's own endpoints. The models' `globalEndpoint`
# does not say it (sts has one and is regional, organizations has none).
_GLOBAL = frozenset({"account", "artifact", "cloudfront", "iam", "organizations", "route53", "shield", "waf"})


class UnknownServiceError(MasugataError, LookupError):
    """No model has that name."""


class UnknownOperationError(MasugataError, LookupError):
    """The service's model has no such operation."""


class XmlNamespace(msgspec.Struct, frozen=True):
    """A namespace that an XML element declares, as the default one or for a prefix."""

    uri: str
    prefix: str | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """One use of a shape: as a member of a structure, or as a list's or a map's element.

    `location` is where HTTP carries a member: `uri`, `querystring`, `header`, `headers` (a map over a
    prefix), `statusCode`, or None for the body. Names, formats and namespaces that a shape has itself
    are on each of its uses.
    """

    shape: str
    location: str | None = None
    location_name: str | None = None
    query_name: str | None = None
    timestamp_format: str | None = None
    flattened: bool = False
    xml_namespace: XmlNamespace | None = None
    xml_attribute: bool = False
    json_value: bool = False


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One shape with the traits that the wire needs.

    `type` is the model's: structure, list, map, string, integer, long, float, double, boolean,
    blob, timestamp. A structure has `members`, a list `member`, a map `key` and `value`.
    """

    name: str
    type: str
    members: Mapping[str, Reference] = {}
    required: tuple[str, ...] = ()
    member: Reference | None = None
    key: Reference | None = None
    value: Reference | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    union: bool = False
    document: bool = False
    sparse: bool = False
    payload: str | None = None
    event_stream: bool = False
    exception: bool = False
    fault: bool = False
    error_code: str | None = None
    http_status: int | None = None

    def element(self, part: str) -> Reference:
        """The reference to a list's `member` or a map's `key` or `value`; an error where there is none."""
        reference: Reference | None = getattr(self, part)
        if reference is None:
            raise MasugataError(f"shape `{self.name}` of type `{self.type}` has no `{part}`")
        return reference

    def in_body(self) -> Mapping[str, Reference]:
        """The members of a structure that no other part of an HTTP message carries."""
        return {name: member for name, member in self.members.items() if member.location is None}


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation; `input` and `output` are shape names, or None where the operation has none.

    `path` is the URI's template, which may have a query string of constants.
    """

    name: str
    input: str | None
    output: str | None
    result_wrapper: str | None
    errors: tuple[str, ...]
    method: str
    path: str
    status: int
    unsigned: bool
    deprecated: bool


class ServiceModel:
    """One service's newest model; shapes and operations are read when they are first asked for."""

    def __init__(self, name: str, description: Mapping[str, Any]) -> None:
        metadata = description["metadata"]
        self.name = name
        self.service_id: str = metadata.get("serviceId", name)
        self.endpoint_prefix: str = metadata["endpointPrefix"]
        self.signing_name: str = metadata.get("signingName", self.endpoint_prefix)
        self.target_prefix: str | None = metadata.get("targetPrefix")
        self.api_version: str = metadata["apiVersion"]
        self.protocols = _protocols(metadata)
        self.xml_namespace: str | None = metadata.get("xmlNamespace") or _input_namespace(description)
        self.query_compatible = "awsQueryCompatible" in metadata
        self.is_global = name in _GLOBAL
        self._operations: Mapping[str, Any] = description["operations"]
        self._shapes: Mapping[str, Any] = description["shapes"]
        self._read_shapes: dict[str, Shape] = {}
        self._read_errors: dict[str, Shape] | None = None

    @property
    def operation_names(self) -> frozenset[str]:
        """The names of all operations that the model knows."""
        return frozenset(self._operations)

    @property
    def shape_names(self) -> frozenset[str]:
        """The names of all shapes."""
        return frozenset(self._shapes)

    def has_operation(self, name: str) -> bool:
        """Whether the model knows the operation `name` (case counts)."""
        return name in self._operations

    def operation(self, name: str) -> Operation:
        """The operation `name`; UnknownOperationError if the model has none."""
        raw = self._operations.get(name)
        if raw is None:
            raise UnknownOperationError(f"service `{self.name}` has no operation `{name}`")
        http = raw.get("http", {})
        output = raw.get("output", {})
        return Operation(
            name=name,
            input=raw.get("input", {}).get("shape"),
            output=output.get("shape"),
            result_wrapper=output.get("resultWrapper"),
            errors=tuple(error["shape"] for error in raw.get("errors", ())),
            method=http.get("method", "POST"),
            path=http.get("requestUri", "/"),
            status=http.get("responseCode", 200),
            unsigned=raw.get("authtype") == "none",
            deprecated=raw.get("deprecated", False),
        )

    def shape(self, name: str) -> Shape:
        """The shape `name`, which must be one of the model's."""
        shape = self._read_shapes.get(name)
        if shape is None:
            shape = self._read_shapes[name] = self._shape(name, self._shapes[name])
        return shape

    def streams_events(self, operation: Operation) -> bool:
        """Whether the operation's input or output is a stream of events."""
        return any(
            self.shape(member.shape).event_stream
            for name in (operation.input, operation.output)
            if name is not None
            for member in self.shape(name).members.values()
        )

    def error(self, code: str) -> Shape | None:
        """The modelled error of that wire code or shape name, or None."""
        if self._read_errors is None:
            errors: dict[str, Shape] = {}
            for name, raw in self._shapes.items():
                if raw.get("exception"):
                    shape = self.shape(name)
                    errors.setdefault(name, shape)
                    if shape.error_code is not None:
                        # The code is what clients see, so it wins over another shape's name.
                        errors[shape.error_code] = shape
            self._read_errors = errors
        return self._read_errors.get(code)

    def _reference(self, raw: Mapping[str, Any]) -> Reference:
        # What a use of a shape does not say, the shape itself may.
        shape = self._shapes[raw["shape"]]
        return Reference(
            shape=raw["shape"],
            location=raw.get("location"),
            location_name=raw.get("locationName", shape.get("locationName")),
            query_name=raw.get("queryName"),
            timestamp_format=raw.get("timestampFormat", shape.get("timestampFormat")),
            flattened=raw.get("flattened", shape.get("flattened", False)),
            xml_namespace=_namespace(raw) or _namespace(shape),
            xml_attribute=raw.get("xmlAttribute", False),
            json_value=raw.get("jsonvalue", False),
        )

    def _shape(self, name: str, raw: Mapping[str, Any]) -> Shape:
        error = raw.get("error", {})
        return Shape(
            name=name,
            type=raw["type"],
            members={key: self._reference(member) for key, member in raw.get("members", {}).items()},
            required=tuple(raw.get("required", ())),
            member=self._reference(raw["member"]) if "member" in raw else None,
            key=self._reference(raw["key"]) if "key" in raw else None,
            value=self._reference(raw["value"]) if "value" in raw else None,
            minimum=raw.get("min"),
            maximum=raw.get("max"),
            pattern=raw.get("pattern"),
            enum=tuple(raw.get("enum", ())),
            sensitive=raw.get("sensitive", False),
            union=raw.get("union", False),
            document=raw.get("document", False),
            sparse=raw.get("sparse", False),
            payload=raw.get("payload"),
            event_stream=raw.get("eventstream", False),
            exception=raw.get("exception", False),
            fault=raw.get("fault", False),
            error_code=error.get("code"),
            http_status=error.get("httpStatusCode"),
        )


def _namespace(raw: Mapping[str, Any]) -> XmlNamespace | None:
    namespace = raw.get("xmlNamespace")
    return None if namespace is None else XmlNamespace(namespace["uri"], namespace.get("prefix"))


def _input_namespace(description: Mapping[str, Any]) -> str | None:
    """The namespace of requests, which rest-xml services have for their answers, too."""
    inputs = (operation.get("input", {}) for operation in description["operations"].values())
    return next((given["xmlNamespace"]["uri"] for given in inputs if "xmlNamespace" in given), None)


def _protocols(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    listed = metadata.get("protocols") or (metadata["protocol"],)
    json = _JSON.get(metadata.get("jsonVersion", "1.1"), "json-1.1")
    return tuple(json if name == "json" else _PROTOCOLS[name] for name in listed)


@lru_cache(maxsize=1)
def _data_folder() -> Path:
    spec = find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise MasugataError("the package `botocore`, whose service models are needed, is not installed")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


@lru_cache(maxsize=1)
def service_names() -> frozenset[str]:
    """The names of all services that have a model."""
    return frozenset(entry.name for entry in _data_folder().iterdir() if entry.is_dir())


@lru_cache(maxsize=64)
def load_service(name: str) -> ServiceModel:
    """The newest model of the service `name` (botocore's name, as `kms`); UnknownServiceError if none."""
    # Membership also keeps names like `..` away from the file system.
    if name not in service_names():
        raise UnknownServiceError(f"there is no model of a service `{name}`")
    folder = _data_folder() / name
    # A version is a date, so the order of text is the order of time.
    versions = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    if not versions:
        raise UnknownServiceError(f"there is no model of a service `{name}`")
    plain = versions[-1] / "service-2.json"
    raw = (
        plain.read_bytes() if plain.exists() else gzip.decompress(plain.with_suffix(".json.gz").read_bytes())
    )
    return ServiceModel(name, _without_documentation(orjson.loads(raw)))


def _without_documentation(description: dict[str, Any]) -> dict[str, Any]:
    """Drop the prose, which is most of a model and would stay in memory for nothing."""
    description.pop("documentation", None)
    for operation in description["operations"].values():
        operation.pop("documentation", None)
    for shape in description["shapes"].values():
        shape.pop("documentation", None)
        for member in shape.get("members", {}).values():
            member.pop("documentation", None)
    return description
