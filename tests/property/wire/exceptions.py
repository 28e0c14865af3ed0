"""What a value becomes where botocore, or the protocol, cannot say or read all of it.

Every exception to "the value comes back as it was" is here, by its reason; each use is counted.
"""

import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

from botocore.model import OperationModel, Shape

from masugata.wire import HttpResponse

EMPTY_QUERY = "query has no empty structures and maps, and no lists of them"
EMPTY_NAMED = "query sends an empty flattened list under the list's own name, its elements under theirs"
EMPTY_EC2 = "ec2 has no empty lists, structures and maps"
EMPTY_FLATTENED = "a flattened list or map in XML is its elements: empty is absent"
EMPTY_BOUND = "an empty list or map in a query string or headers is absent"
EMPTY_PAYLOAD = "a body of no bytes is absent where it need not be there"
ABSENT_PAYLOAD = "botocore reads a payload that is absent as an empty one, and in rest-json sends it so"
SINGLE_FLOAT = "a float of rpc-v2-cbor has 32 bits"
BLOB_AS_TEXT = "botocore reads a blob that is the body, and does not stream, as text"
HEADER_MAP = "botocore reads an absent map of headers as an empty one"
HEADERS_ALL = "botocore reads all headers into a map of headers without a prefix"
STATUS = "botocore reads the status into its member, whether or not the output has it"
NO_BODY = "an answer to HEAD, or with the status 204, has no body, whatever the model's output has"
NO_METADATA = "botocore reads no request id of rpc-v2-cbor where an operation has no output"
CONTENT_TYPE = "botocore reads the type of the body into its member, whether or not the output has it"
EVENT_STREAM = "an operation that streams events is answered 501, naming itself"
ERROR_TYPE = "a member of an error that stands in the header of its type is that type"
OWN_ELEMENT = "a member of an error in XML that is called as an element which all errors have is left out"
SAME_REQUEST = "two operations have the same method, path and required parameters"

_ABSENT = object()
_MISNAMED = object()  # absent, but the structure around it is not: something stands below its name
Change = Callable[[Shape, Any], Any]
Counts = Counter[str]


def _walk(shape: Shape, value: Any, change: Change) -> Any:
    """The value with `change` applied to all that is in it, from the inside out."""
    match shape.type_name:
        case "structure" if not shape.is_document_type:
            found = {name: _walk(shape.members[name], item, change) for name, item in value.items()}
            kept = {name: item for name, item in found.items() if item not in (_ABSENT, _MISNAMED)}
            return kept if _MISNAMED in found.values() else change(shape, kept)
        case "list":
            items = [_walk(shape.member, item, change) for item in value]
            kept = [item for item in items if item is not _ABSENT]
            return _ABSENT if items and not kept else change(shape, kept)
        case "map":
            entries = ((key, _walk(shape.value, item, change)) for key, item in value.items())
            return change(shape, {key: item for key, item in entries if item is not _ABSENT})
    return change(shape, value)


def as_sent(
    protocol: str, operation: OperationModel, value: dict[str, Any], counts: Counts
) -> dict[str, Any]:
    """The input that a request of botocore with `value` says."""
    shape = operation.input_shape

    def change(inner: Shape, item: Any) -> Any:
        reason = _unsaid(protocol, inner, item)
        if reason is not None:
            counts[reason] += 1
            return _MISNAMED if reason == EMPTY_NAMED else _ABSENT
        if protocol == "rpc-v2-cbor" and inner.type_name == "float":
            single = struct.unpack(">f", struct.pack(">f", item))[0]
            counts[SINGLE_FLOAT] += single != item
            return single
        return item

    said = _walk(shape, value, change)
    said = {} if said is _ABSENT else said
    return _message_as_sent(protocol, shape, said, counts) if protocol.startswith("rest-") else said


def _unsaid(protocol: str, shape: Shape, value: Any) -> str | None:
    """Why the value of a member or element is not in the request at all."""
    if (
        shape.type_name not in ("structure", "list", "map")
        or value
        or getattr(shape, "is_document_type", False)
    ):
        return None
    match protocol:
        case "ec2":
            return EMPTY_EC2
        case "query" if value == {}:
            return EMPTY_QUERY
        case "query" if shape.serialization.get("flattened") and shape.member.serialization.get("name"):
            return EMPTY_NAMED
        case "rest-xml" if shape.serialization.get("flattened"):
            return EMPTY_FLATTENED
    return None


def _message_as_sent(protocol: str, shape: Shape, value: dict[str, Any], counts: Counts) -> dict[str, Any]:
    said = dict(value)
    for name, item in value.items():
        location = shape.members[name].serialization.get("location")
        if location is not None and item in ([], {}) and shape.members[name].type_name in ("list", "map"):
            counts[EMPTY_BOUND] += 1
            del said[name]
    payload = shape.serialization.get("payload")
    if payload is None:
        return said
    if shape.members[payload].type_name in ("blob", "string"):
        if not said.get(payload):
            counts[EMPTY_PAYLOAD] += 1
            said.pop(payload, None)
            if payload in shape.required_members:
                said[payload] = b"" if shape.members[payload].type_name == "blob" else ""
    elif payload not in said and protocol == "rest-json" and not shape.members[payload].is_tagged_union:
        counts[ABSENT_PAYLOAD] += 1
        said[payload] = {}
    return said


def as_read(
    protocol: str,
    operation: OperationModel,
    shape: Shape,
    value: dict[str, Any],
    response: HttpResponse,
    counts: Counts,
) -> dict[str, Any]:
    """The output that botocore reads in an answer with `value`."""

    def change(inner: Shape, item: Any) -> Any:
        if (
            protocol in ("query", "ec2", "rest-xml")
            and inner.type_name in ("list", "map")
            and inner.serialization.get("flattened")
            and not item
        ):
            counts[EMPTY_FLATTENED] += 1
            return _ABSENT
        return item

    read = {
        name: item
        for name, member in value.items()
        if (item := _walk(shape.members[name], member, change)) is not _ABSENT
    }
    return (
        _message_as_read(operation, shape, read, response, counts) if protocol.startswith("rest-") else read
    )


def _message_as_read(
    operation: OperationModel, shape: Shape, value: dict[str, Any], response: HttpResponse, counts: Counts
) -> dict[str, Any]:
    read = dict(value)
    payload = shape.serialization.get("payload")
    content_type = dict(response.headers).get("Content-Type")
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        if location == "statusCode":
            counts[STATUS] += name not in read
            read[name] = response.status
        elif location == "headers" and not member.serialization.get("name"):
            counts[HEADERS_ALL] += 1
            read[name] = dict(response.headers)
        elif location == "headers" and name not in read:
            counts[HEADER_MAP] += 1
            read[name] = {}
        elif member.serialization.get("name") == "Content-Type" and name not in read and content_type:
            counts[CONTENT_TYPE] += 1
            read[name] = content_type
        elif (
            location is None
            and name in read
            and (response.status == 204 or operation.http["method"] == "HEAD")
        ):
            counts[NO_BODY] += 1
            del read[name]
        elif name == payload and member.type_name == "blob" and not operation.has_streaming_output:
            counts[BLOB_AS_TEXT] += 1
            read[name] = read.get(name, b"").decode()
        elif name == payload and name not in read:
            counts[ABSENT_PAYLOAD] += 1
            read[name] = {"blob": b"", "string": ""}.get(member.type_name, {})
    return read


def error_as_read(protocol: str, shape: Shape, fields: dict[str, Any], counts: Counts) -> dict[str, Any]:
    """The members of an error that botocore reads."""
    read = dict(fields)
    for name, member in shape.members.items():
        if member.serialization.get("location") == "header":
            if member.serialization["name"].lower() == "x-amzn-errortype":
                counts[ERROR_TYPE] += 1
                read[name] = shape.name
        elif protocol in ("query", "ec2", "rest-xml") and name in ("Code", "Type"):
            counts[OWN_ELEMENT] += 1
            read[name] = shape.error_code if name == "Code" else "Sender"
    return read
