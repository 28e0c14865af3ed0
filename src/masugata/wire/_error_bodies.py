"""The headers and body of an error in each protocol."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
import orjson

from masugata.errors import AwsError
from masugata.wire import awsjson, cbor, xml
from masugata.wire._documents import OutputError
from masugata.wire._http_output import Headers, compile_headers
from masugata.wire.models import ServiceModel, Shape

# Services write these two with a capital, whatever their models say of others.
_CAPITAL_MESSAGE = frozenset({"AccessDeniedException", "SerializationException"})

# What AWS answers to a query that names no service it knows.
_FAULT_NAMESPACE = "http://webservices.amazon.com/AWSFault/2005-15-09"

_ERROR_TYPE = "x-amzn-ErrorType"
_XML_OWN = frozenset({"Code", "Type"})  # elements that every error has, whatever its members
# Services of rest-xml whose errors stand in no `ErrorResponse`.
_BARE = frozenset({"s3"})


class Named(msgspec.Struct, frozen=True):
    """An error with its name and status in one protocol, and its shape where the model has one."""

    name: str
    status: int
    shape: Shape | None

    @property
    def fault(self) -> str:
        """Whose fault it is, in AWS's words: the sender's or the receiver's."""
        return "Receiver" if self.status >= 500 else "Sender"


def _fields(error: AwsError, shape: Shape | None) -> dict[str, Any]:
    """The modelled members beyond the message."""
    if shape is None:
        return {}
    return {
        name: value
        for name, value in error.fields.items()
        if name in shape.members and name.lower() != "message" and value is not None
    }


def _document(
    error: AwsError,
    named: Named,
    model: ServiceModel | None,
    compile_members: Callable[[ServiceModel, Shape], Callable[[Any], Any]],
) -> dict[str, Any]:
    """The error as a document: its message and its other members."""
    fields = _fields(error, named.shape)
    if fields and named.shape is not None and model is not None:
        fields = compile_members(model, named.shape)(fields)
    return {_message_member(named): error.message.encode("utf-8", "replace").decode(), **fields}


def _message_member(named: Named) -> str:
    members = {} if named.shape is None else named.shape.members
    for name, reference in members.items():
        if name.lower() == "message":
            return reference.location_name or name
    return "Message" if named.name in _CAPITAL_MESSAGE else "message"


def _whole_name(named: Named, model: ServiceModel | None) -> str:
    """The absolute id of the error's shape."""
    if named.shape is None or model is None:
        return f"com.amazon.coral.service#{named.name}"
    return f"com.amazonaws.{model.name}#{named.name}"


def _json(version: str) -> "Write":
    def write(
        error: AwsError, named: Named, model: ServiceModel | None, request_id: str
    ) -> tuple[Headers, bytes]:
        del request_id
        document = _document(error, named, model, lambda of, shape: awsjson.compile_members(of, shape.name))
        # json 1.0 wants the whole shape id.
        name = _whole_name(named, model) if version == "1.0" else named.name
        body = orjson.dumps({"__type": name, **document})
        return (("Content-Type", f"application/x-amz-json-{version}"),), body

    return write


def _rest_json(
    error: AwsError, named: Named, model: ServiceModel | None, request_id: str
) -> tuple[Headers, bytes]:
    del request_id
    document = _document(
        error, named, model, lambda of, shape: awsjson.JsonEncoder(of).structure(shape, shape.in_body())
    )
    headers = (("Content-Type", "application/json"), (_ERROR_TYPE, named.name))
    return (*headers, *_members_in_headers(error, named, model)), orjson.dumps(document)


def _members_in_headers(error: AwsError, named: Named, model: ServiceModel | None) -> Headers:
    """The modelled members that stand in headers; the error's own type is there already."""
    fields = _fields(error, named.shape)
    if not fields or named.shape is None or model is None:
        return ()
    try:
        found = compile_headers(model, named.shape)(fields)
    except OutputError:
        # An error is answered in any case, if need be without what a header cannot carry.
        return ()
    return tuple(header for header in found if header[0].lower() != _ERROR_TYPE.lower())


def _cbor(
    error: AwsError, named: Named, model: ServiceModel | None, request_id: str
) -> tuple[Headers, bytes]:
    del request_id
    document = _document(error, named, model, lambda of, shape: cbor.compile_members(of, shape.name))
    headers = (("Content-Type", cbor.CONTENT_TYPE), cbor.PROTOCOL_HEADER)
    return headers, cbor.dump({"__type": _whole_name(named, model), **document})


def _xml_members(error: AwsError, named: Named, model: ServiceModel | None) -> str:
    fields = {name: value for name, value in _fields(error, named.shape).items() if name not in _XML_OWN}
    if not fields or named.shape is None or model is None:
        return ""
    return xml.compile_members(model, named.shape.name, named.shape.in_body())(fields)


def _query(
    error: AwsError, named: Named, model: ServiceModel | None, request_id: str
) -> tuple[Headers, bytes]:
    namespace = (model.xml_namespace if model is not None else None) or _FAULT_NAMESPACE
    body = (
        f'<ErrorResponse xmlns="{xml.escape(namespace)}"><Error><Type>{named.fault}</Type>'
        f"{_code_and_message(error, named)}{_xml_members(error, named, model)}</Error>"
        f"<RequestId>{xml.escape(request_id)}</RequestId></ErrorResponse>"
    )
    return (("Content-Type", "text/xml"),), body.encode()


def _ec2(error: AwsError, named: Named, model: ServiceModel | None, request_id: str) -> tuple[Headers, bytes]:
    body = (
        f"<Response><Errors><Error>{_code_and_message(error, named)}{_xml_members(error, named, model)}"
        f"</Error></Errors><RequestID>{xml.escape(request_id)}</RequestID></Response>"
    )
    return (("Content-Type", "text/xml"),), body.encode()


def _rest_xml(
    error: AwsError, named: Named, model: ServiceModel | None, request_id: str
) -> tuple[Headers, bytes]:
    headers = (("Content-Type", "application/xml"), *_members_in_headers(error, named, model))
    if model is None or model.name not in _BARE:
        return headers, _query(error, named, model, request_id)[1]
    body = (
        f"<Error>{_code_and_message(error, named)}{_xml_members(error, named, model)}"
        f"<RequestId>{xml.escape(request_id)}</RequestId></Error>"
    )
    return headers, body.encode()


def _code_and_message(error: AwsError, named: Named) -> str:
    return f"<Code>{xml.escape(named.name)}</Code><Message>{xml.escape(error.message)}</Message>"


Write: TypeAlias = Callable[[AwsError, Named, ServiceModel | None, str], tuple[Headers, bytes]]

WRITERS: Mapping[str, Write] = {
    "query": _query,
    "ec2": _ec2,
    "json-1.0": _json("1.0"),
    "json-1.1": _json("1.1"),
    "rest-json": _rest_json,
    "rest-xml": _rest_xml,
    "rpc-v2-cbor": _cbor,
}
"""How an error is written, by protocol: from the error, its name, the model and the request id."""
