"""The rest-json and rest-xml protocols: members in path, query string, headers, status and body.

Specification: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html and aws-restxml-protocol.html
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
import orjson

from masugata.errors import AwsError
from masugata.wire import awsjson, xml, xml_body
from masugata.wire._documents import OutputError
from masugata.wire._http_input import compile_bindings
from masugata.wire._http_output import compile_headers, compile_status
from masugata.wire._texts import malformed
from masugata.wire.message import HttpRequest, HttpResponse
from masugata.wire.models import Operation, Reference, ServiceModel, Shape

Members: TypeAlias = Mapping[str, Reference]
_NO_CONTENT = frozenset({204, 304})


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """How the bodies of one of the two protocols are read and written.

    The first two give functions from bodies: to some members of a structure, and to one value. The
    other two give functions to bodies.
    """

    content_type: str
    accepted: frozenset[str]
    read_members: Callable[[ServiceModel, Shape, Members], Callable[[bytes], dict[str, Any]]]
    read_value: Callable[[ServiceModel, Reference], Callable[[bytes], Any]]
    write_members: Callable[[ServiceModel, Shape, Members], Callable[[Mapping[str, Any]], bytes]]
    write_value: Callable[[ServiceModel, Reference], Callable[[Any], bytes]]


def compile_request(
    model: ServiceModel, operation: Operation, form: Format
) -> Callable[[HttpRequest], dict[str, Any]]:
    """A function from a request to the operation's input, by member names; absent members are absent.

    Raises AwsError: MalformedInput, MalformedQueryString or SerializationException for what cannot be
    read, UnsupportedMediaType for a body of another content type.
    """
    if operation.input is None:
        return lambda _request: {}
    shape = model.shape(operation.input)
    bindings = compile_bindings(model, operation, shape)
    read_body = _body_reader(model, shape, form)

    def request_input(request: HttpRequest) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for bind in bindings:
            bind(request, value)
        value.update(read_body(request))
        return value

    return request_input


def _body_reader(model: ServiceModel, shape: Shape, form: Format) -> Callable[[HttpRequest], dict[str, Any]]:
    if shape.payload is not None:
        return _payload_reader(model, shape, shape.payload, form)
    members = shape.in_body()
    if not members:
        # What the operation does not have is ignored, as unknown members are.
        return lambda _request: {}
    read = form.read_members(model, shape, members)

    def body(request: HttpRequest) -> dict[str, Any]:
        if not request.body:
            return {}
        _require(request, form)
        return read(request.body)

    return body


def _payload_reader(
    model: ServiceModel, shape: Shape, name: str, form: Format
) -> Callable[[HttpRequest], dict[str, Any]]:
    """A function for a body that is one member. Nothing is an empty blob only where there must be one."""
    required = name in shape.required
    match model.shape(shape.members[name].shape).type:
        case "blob":
            return lambda request: {name: request.body} if request.body or required else {}
        case "string":
            return lambda request: {name: _text(request.body)} if request.body or required else {}
    read = form.read_value(model, shape.members[name])
    # botocore sends this for a payload that it does not have; a union without a member is none.
    absent = b"{}" if model.shape(shape.members[name].shape).union else b""

    def payload(request: HttpRequest) -> dict[str, Any]:
        if request.body in (b"", absent):
            return {}
        _require(request, form)
        return {name: read(request.body)}

    return payload


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise malformed("the body is not UTF-8") from error


def _require(request: HttpRequest, form: Format) -> None:
    given = request.header("content-type")
    if given is not None and given.partition(";")[0].strip().lower() not in form.accepted:
        raise AwsError("UnsupportedMediaType", f"the body must be `{form.content_type}`", 415)


def compile_response(
    model: ServiceModel, operation: Operation, form: Format
) -> Callable[[Mapping[str, Any], str], HttpResponse]:
    """A function from an output and a request id to the answer; OutputError for what cannot be said."""
    bodiless = operation.method == "HEAD"
    if operation.output is None:

        def nothing(output: Mapping[str, Any], request_id: str) -> HttpResponse:
            if output:
                raise OutputError(f"operation `{operation.name}` has no output, but got `{min(output)}`")
            return HttpResponse(status=operation.status, headers=(("x-amzn-RequestId", request_id),))

        return nothing
    shape = model.shape(operation.output)
    status_of = compile_status(shape, operation.status)
    headers_of = compile_headers(model, shape)
    write_body = _body_writer(model, shape, form)

    def answer(output: Mapping[str, Any], request_id: str) -> HttpResponse:
        for name in output:
            if name not in shape.members:
                raise OutputError(f"shape `{shape.name}` has no member `{name}`")
        status, headers = status_of(output), headers_of(output)
        content_type, body = write_body(output)
        if status in _NO_CONTENT or bodiless:
            body = b""
        elif body and not any(name.lower() == "content-type" for name, _ in headers):
            headers = (("Content-Type", content_type), *headers)
        return HttpResponse(status=status, headers=(*headers, ("x-amzn-RequestId", request_id)), body=body)

    return answer


def _body_writer(
    model: ServiceModel, shape: Shape, form: Format
) -> Callable[[Mapping[str, Any]], tuple[str, bytes]]:
    """A function from an output to the content type and the body."""
    if shape.payload is None:
        write = form.write_members(model, shape, shape.in_body())
        return lambda output: (form.content_type, write(output))
    name = shape.payload
    match model.shape(shape.members[name].shape).type:
        case "blob":
            return lambda output: ("application/octet-stream", bytes(output.get(name) or b""))
        case "string":
            return lambda output: ("text/plain", (output.get(name) or "").encode())
    write_value = form.write_value(model, shape.members[name])

    def payload(output: Mapping[str, Any]) -> tuple[str, bytes]:
        value = output.get(name)
        return form.content_type, b"" if value is None else write_value(value)

    return payload


def _read_json(model: ServiceModel, shape: Shape, members: Members) -> Callable[[bytes], dict[str, Any]]:
    decode = awsjson.JsonDecoder(model).structure(shape, members)

    def read(body: bytes) -> dict[str, Any]:
        value: dict[str, Any] = decode(awsjson.load_object(body))
        return value

    return read


def _read_json_value(model: ServiceModel, reference: Reference) -> Callable[[bytes], Any]:
    decode = awsjson.JsonDecoder(model).compile(reference)
    return lambda body: decode(awsjson.load_document(body))


def _write_json(model: ServiceModel, shape: Shape, members: Members) -> Callable[[Mapping[str, Any]], bytes]:
    encode = awsjson.JsonEncoder(model).structure(shape, members)
    return lambda output: orjson.dumps(encode(output))


def _write_json_value(model: ServiceModel, reference: Reference) -> Callable[[Any], bytes]:
    encode = awsjson.JsonEncoder(model).compile(reference)
    return lambda value: orjson.dumps(encode(value))


def _write_xml(model: ServiceModel, shape: Shape, members: Members) -> Callable[[Mapping[str, Any]], bytes]:
    if not members:
        return lambda _output: b""
    encode = xml.compile_members(model, shape.name, members)
    opening, closing = xml.root_tags(model, shape)
    return lambda output: f"{opening}{encode(output)}{closing}".encode()


def _write_xml_value(model: ServiceModel, reference: Reference) -> Callable[[Any], bytes]:
    encode = xml.compile_element(model, reference)
    return lambda value: encode(value).encode()


JSON = Format(
    content_type="application/json",
    accepted=frozenset({"application/json", "application/x-amz-json-1.0", "application/x-amz-json-1.1"}),
    read_members=_read_json,
    read_value=_read_json_value,
    write_members=_write_json,
    write_value=_write_json_value,
)
XML = Format(
    content_type="application/xml",
    accepted=frozenset({"application/xml", "text/xml"}),
    read_members=xml_body.compile_members,
    read_value=xml_body.compile_element,
    write_members=_write_xml,
    write_value=_write_xml_value,
)
