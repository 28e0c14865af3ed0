"""One operation there and back: botocore's request through our parser, our answer through botocore's."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import quote

from botocore.model import OperationModel, Shape

from masugata.errors import AwsError
from masugata.wire import HttpRequest, codec, load_service, route, serialize_error
from masugata.wire.codec import PROTOCOLS
from property.wire import exceptions
from property.wire.client import client_model, received, sent
from property.wire.http_values import make_input, make_output, seeded
from property.wire.values import Maker

SEED = os.environ.get("ROUND_TRIP_SEED", "1")
ATTEMPTS = {"dense": 2, "sparse": 4}  # values of each operation, with every member set and with some
NIGHTLY = {"dense": 6, "sparse": 24}

# Deprecated forms and variants that only the host or the parameters tell apart, by service.
SAME_REQUEST = {
    "s3": {
        "GetBucketLifecycle", "GetBucketNotification", "PutBucketLifecycle", "PutBucketNotification",
        "ListDirectoryBuckets",
    },
}  # fmt: skip


class Counts:
    """How much has been tried, and how often which exception was made."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.exceptions: Counter[str] = Counter()

    def as_json(self) -> dict[str, Any]:
        """The counts as plain data, for a report that goes between processes."""
        return {"seed": SEED, "tried": dict(+self.tried), "exceptions": dict(+self.exceptions)}


def operations(service: str) -> Iterator[OperationModel]:
    model = client_model(service)
    for name in model.operation_names:
        yield model.operation_model(name)


def check_operation(
    service: str,
    protocol: str,
    operation: OperationModel,
    counts: Counts,
    attempts: Mapping[str, int] = ATTEMPTS,
) -> None:
    """A few inputs and outputs of one operation; one that streams events must refuse."""
    counts.tried["operations"] += 1
    if streams_events(operation):
        counts.exceptions[exceptions.EVENT_STREAM] += 1
        with suppress(AwsError):
            codec(service, operation.name, protocol)
            raise AssertionError(f"{service}.{operation.name} has a codec, and streams events")
        return
    for kind, number in attempts.items():
        for attempt in range(number):
            random = seeded(f"{SEED} {service} {protocol} {operation.name} {kind} {attempt}")
            check_input(service, protocol, operation, random, counts, dense=kind == "dense")
            check_output(service, protocol, operation, random, counts, dense=kind == "dense")


def streams_events(operation: OperationModel) -> bool:
    return operation.has_event_stream_input or operation.has_event_stream_output


def decoded(service: str, protocol: str, operation: OperationModel, request: HttpRequest) -> Any:
    """What our decoder reads, before constraints are checked."""
    model = load_service(service)
    return PROTOCOLS[protocol].request(model, model.operation(operation.name))(request)


def check_input(
    service: str, protocol: str, operation: OperationModel, random: Random, counts: Counts, *, dense: bool
) -> None:
    """A request that botocore makes of a value goes to its operation and is parsed to that value."""
    counts.tried["requests"] += 1
    value: dict[str, Any] = {}
    if operation.input_shape is not None:
        forms = protocol in ("query", "ec2")
        maker = Maker(
            random, dense=dense, controls=protocol != "rest-xml", full=forms, returns=protocol != "rest-xml"
        )
        value = make_input(maker, operation)
        counts.exceptions += maker.left_out
    request = sent(operation, protocol, value)
    expected = value
    if operation.input_shape is not None:
        expected = exceptions.as_sent(protocol, operation, value, counts.exceptions)
    found = decoded(service, protocol, operation, request)
    assert found == expected, f"{service}.{operation.name} in {protocol}"
    check_route(service, protocol, operation, request, counts)


def check_route(
    service: str, protocol: str, operation: OperationModel, request: HttpRequest, counts: Counts
) -> None:
    """The same request, signed for the service, is routed to its operation."""
    name = load_service(service).signing_name
    signed = HttpRequest(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=(
            *request.headers,
            ("authorization", f"AWS4-HMAC-SHA256 Credential=A/1/r/{name}/aws4_request"),
        ),
        body=request.body,
    )
    found = route(signed, frozenset({service}))
    if operation.name in SAME_REQUEST.get(service, ()):
        counts.exceptions[exceptions.SAME_REQUEST] += 1
        return
    assert (found.service, found.operation, found.protocol) == (service, operation.name, protocol)


def check_output(
    service: str, protocol: str, operation: OperationModel, random: Random, counts: Counts, *, dense: bool
) -> None:
    """An answer that we make of a value is read by botocore as that value."""
    counts.tried["answers"] += 1
    shape = operation.output_shape
    xml = protocol in ("query", "ec2", "rest-xml")
    value: dict[str, Any] = {}
    if shape is not None:
        maker = Maker(random, dense=dense, controls=not xml, full=False)
        value = make_output(maker, shape)
        counts.exceptions += maker.left_out
    response = codec(service, operation.name, protocol).serialize(value, "request-1")
    parsed = received(operation, protocol, response)
    metadata = parsed.pop("ResponseMetadata")
    if shape is None and protocol == "rpc-v2-cbor":
        counts.exceptions[exceptions.NO_METADATA] += 1
    else:
        assert metadata["RequestId"] == "request-1"
    expected = value
    if shape is not None:
        expected = exceptions.as_read(protocol, operation, shape, value, response, counts.exceptions)
        expected = as_received(shape, expected)
    assert parsed == expected, f"{service}.{operation.name} in {protocol}"


def as_received(shape: Shape, value: Any) -> Any:
    """The value as it stands on the wire: policy documents of iam are URL-encoded."""
    match shape.type_name:
        case "structure" if not shape.is_document_type:
            return {name: as_received(shape.members[name], item) for name, item in value.items()}
        case "list":
            return [as_received(shape.member, item) for item in value]
        case "map":
            return {key: as_received(shape.value, item) for key, item in value.items()}
    return quote(value, safe="-._~") if shape.name == "policyDocumentType" else value


def check_error(service: str, protocol: str, shape: Shape, counts: Counts) -> None:
    """One error of the model reaches botocore with its code, message, status and members."""
    counts.tried["errors"] += 1
    model = client_model(service)
    operation = model.operation_model(model.operation_names[0])
    xml = protocol in ("query", "ec2", "rest-xml")
    maker = Maker(seeded(f"{SEED} {service} {shape.name}"), dense=True, controls=not xml, full=False)
    fields = {name: item for name, item in make_output(maker, shape).items() if name.lower() != "message"}
    error = AwsError(shape.name, "a <b> & c", **fields)
    response = serialize_error(error, protocol, service, None, "request-1")
    assert response.status == shape.metadata.get("error", {}).get("httpStatusCode", response.status)
    parsed = received(operation, protocol, response)
    assert parsed["Error"]["Message"] == "a <b> & c"
    assert parsed["ResponseMetadata"]["RequestId"] == "request-1"
    assert parsed["Error"]["Code"] == shape.error_code
    members = received(operation, protocol, response, shape)
    # In XML the message is `Message`, whatever the model calls it.
    named = [name for name in shape.members if name == "Message" or (name.lower() == "message" and not xml)]
    expected = exceptions.as_read(protocol, operation, shape, fields, response, counts.exceptions)
    expected = exceptions.error_as_read(protocol, shape, expected, counts.exceptions)
    assert members == {**expected, **dict.fromkeys(named, "a <b> & c")}
