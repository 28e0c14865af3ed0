"""Every operation, with botocore as the client half: what one says, the other understands."""

from collections.abc import Iterator
from functools import lru_cache
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

import botocore.parsers
import botocore.serialize
import botocore.session
import pytest
from botocore.model import OperationModel, Shape
from botocore.model import ServiceModel as ClientModel
from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.errors import AwsError
from masugata.wire import HttpRequest, awsjson, codec, load_service, query, serialize_error
from property.wire.values import Maker, without_empty

SERVICES = ("iam", "sts", "cloudtrail", "organizations", "kms")


@lru_cache(maxsize=1)
def session() -> botocore.session.Session:
    return botocore.session.Session()


@lru_cache(maxsize=16)
def client_model(service: str) -> ClientModel:
    return session().get_service_model(service)


def operations(service: str) -> Iterator[OperationModel]:
    model = client_model(service)
    for name in model.operation_names:
        yield model.operation_model(name)


def sent(operation: OperationModel, value: dict[str, Any]) -> HttpRequest:
    """The request as botocore would send it."""
    protocol = operation.metadata["protocol"]
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    raw = serializer.serialize_to_request(value, operation)
    body = raw["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    headers = tuple((name.lower(), text) for name, text in raw["headers"].items())
    return HttpRequest(
        method=raw["method"], path="/", headers=headers, body=body.encode() if isinstance(body, str) else body
    )


def decoded(service: str, operation: OperationModel, request: HttpRequest) -> Any:
    """What our decoder reads, before constraints are checked."""
    model = load_service(service)
    compiler = query if model.protocols[0] == "query" else awsjson
    return compiler.compile_request(model, model.operation(operation.name).input)(request)


def seeded(text: str) -> Random:
    """Choices that are the same in every run."""
    return Random(text)  # noqa: S311  (no secret depends on it)


def check_input(service: str, operation: OperationModel, random: Random, *, dense: bool) -> None:
    if operation.input_shape is None:
        assert decoded(service, operation, sent(operation, {})) == {}
        return
    is_query = load_service(service).protocols[0] == "query"
    value = Maker(random, dense=dense, controls=True, full=is_query).make(operation.input_shape)
    if is_query:
        value = without_empty(value)
    assert decoded(service, operation, sent(operation, value)) == value


def check_output(service: str, operation: OperationModel, random: Random, *, dense: bool) -> None:
    protocol = load_service(service).protocols[0]
    shape = operation.output_shape
    value = (
        {}
        if shape is None
        else Maker(random, dense=dense, controls=protocol != "query", full=False).make(shape)
    )
    response = codec(service, operation.name, protocol).serialize(value, "request-1")
    parsed = client_parse(operation, response.status, dict(response.headers), response.body)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["RequestId"] == "request-1"
    assert parsed == (value if shape is None else as_received(shape, value))


def client_parse(
    operation: OperationModel, status: int, headers: dict[str, str], body: bytes, shape: Shape | None = None
) -> dict[str, Any]:
    """What botocore makes of an answer; with the shape of an error, that error's members."""
    parser = botocore.parsers.create_parser(operation.metadata["protocol"])
    lower = {name.lower(): text for name, text in headers.items()}
    raw = {"status_code": status, "headers": lower, "body": body}
    parsed: dict[str, Any] = parser.parse(raw, shape or operation.output_shape)
    return parsed


def as_received(shape: Shape, value: Any) -> Any:
    """The value as it stands on the wire: policy documents of iam are URL-encoded."""
    match shape.type_name:
        case "structure":
            return {name: as_received(shape.members[name], item) for name, item in value.items()}
        case "list":
            return [as_received(shape.member, item) for item in value]
        case "map":
            return {key: as_received(shape.value, item) for key, item in value.items()}
    return quote(value, safe="-._~") if shape.name == "policyDocumentType" else value


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("dense", [True, False])
def test_inputs_of_all_operations(service: str, *, dense: bool) -> None:
    """What botocore sends for any operation is what our parser reads."""
    for operation in operations(service):
        for attempt in range(3):
            check_input(service, operation, seeded(f"{operation.name}{attempt}"), dense=dense)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("dense", [True, False])
def test_outputs_of_all_operations(service: str, *, dense: bool) -> None:
    """What our serializer says for any operation is what botocore reads."""
    for operation in operations(service):
        for attempt in range(3):
            check_output(service, operation, seeded(f"{operation.name}{attempt}"), dense=dense)


@pytest.mark.parametrize("service", SERVICES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_searched_values(service: str, data: st.DataObject) -> None:
    """The same, with values that Hypothesis chooses and shrinks."""
    name = data.draw(st.sampled_from(client_model(service).operation_names))
    operation = client_model(service).operation_model(name)
    random = data.draw(st.randoms(use_true_random=False))
    check_input(service, operation, random, dense=False)
    check_output(service, operation, random, dense=False)


@pytest.mark.parametrize("service", SERVICES)
def test_all_modelled_errors(service: str) -> None:
    """Every error of the model reaches botocore with its code, message, status and members."""
    model = client_model(service)
    operation = model.operation_model(model.operation_names[0])
    protocol = load_service(service).protocols[0]
    for shape in model.error_shapes:
        made = Maker(seeded(shape.name), dense=True, controls=False, full=False).make(shape)
        fields = {name: value for name, value in made.items() if name.lower() != "message"}
        code = shape.error_code
        response = serialize_error(
            AwsError(code, "a <b> & c", **fields), protocol, service, None, "request-1"
        )
        parsed = client_parse(operation, response.status, dict(response.headers), response.body)
        assert parsed["Error"]["Code"] == code
        assert parsed["Error"]["Message"] == "a <b> & c"
        assert parsed["ResponseMetadata"]["RequestId"] == "request-1"
        assert response.status == shape.metadata.get("error", {}).get("httpStatusCode", response.status)
        members = client_parse(operation, response.status, dict(response.headers), response.body, shape)
        # In query the message is `Message`, whatever the model calls it.
        named = [] if protocol == "query" else [name for name in shape.members if name.lower() == "message"]
        message = dict.fromkeys(named, "a <b> & c")
        assert members == {**fields, **message}
