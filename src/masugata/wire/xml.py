"""XML answers (query protocol), compiled from the shapes.

Specification: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

from masugata.errors import MasugataError
from masugata.wire._compiler import ShapeCompiler, is_flattened, timestamp_format
from masugata.wire._timestamps import WRITE
from masugata.wire.models import Reference, ServiceModel, Shape

# XML 1.0 has no way to write these characters, not even escaped; U+FFFD stands in for them.
_UNSAFE = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A bare carriage return would reach the client as a line feed.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}

# Clients decode members of these shapes, and only these, as botocore does for iam.
_URL_ENCODED = frozenset({("iam", "policyDocumentType")})

Encode: TypeAlias = Callable[[Any], str]


class OutputError(MasugataError):
    """A handler returned something that the operation's output shape does not have."""


def escape(text: str) -> str:
    """The text as XML character data."""
    return _UNSAFE.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text) if _UNSAFE.search(text) else text


def compile_response(
    model: ServiceModel, operation: str, output_shape: str | None, wrapper: str | None
) -> Callable[[Mapping[str, Any], str], bytes]:
    """A function from an output and a request id to the answer's body."""
    head = f'<{operation}Response xmlns="{escape(model.xml_namespace or "")}">'
    tail = f"</{operation}Response>"
    result = wrapper or f"{operation}Result"
    encode = None if output_shape is None else compile_members(model, output_shape)

    def body(output: Mapping[str, Any], request_id: str) -> bytes:
        if encode is None and output:
            raise OutputError(f"operation `{operation}` has no output, but got `{min(output)}`")
        text = "" if encode is None else f"<{result}>{encode(output)}</{result}>"
        metadata = f"<ResponseMetadata><RequestId>{escape(request_id)}</RequestId></ResponseMetadata>"
        return f"{head}{text}{metadata}{tail}".encode()

    return body


def compile_members(model: ServiceModel, shape_name: str) -> Encode:
    """A function from a structure to the XML of its members, without an element around them."""
    return _Compiler(model).compile(Reference(shape=shape_name))


class _Compiler(ShapeCompiler):
    """Compiles shapes to functions that return what is inside of the shape's element."""

    def build(self, shape: Shape, reference: Reference) -> Encode:
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                element = shape.element("member")
                return self._repeated(element, element.location_name or "member")
            case "map":
                return self._map(shape, "entry")
            case "timestamp":
                return _timestamp(timestamp_format(shape, reference, "iso8601"))
            case "string" if (self.model.name, shape.name) in _URL_ENCODED:
                return _url_encoded
        return _SCALARS[shape.type]

    def _structure(self, shape: Shape) -> Encode:
        members = {name: self._member(name, reference) for name, reference in shape.members.items()}

        def structure(value: Mapping[str, Any]) -> str:
            parts = []
            for name, encode in members.items():
                item = value.get(name)
                if item is not None:
                    parts.append(encode(item))
            if len(parts) != len(value):
                _refuse_unknown(shape, value)
            return "".join(parts)

        return structure

    def _member(self, name: str, reference: Reference) -> Encode:
        """The member with its element, which a flattened list or map repeats."""
        shape = self.model.shape(reference.shape)
        element = reference.location_name or name
        if shape.type in ("list", "map") and is_flattened(shape, reference):
            if shape.type == "map":
                return self._map(shape, element)
            member = shape.element("member")
            return self._repeated(member, member.location_name or element)
        encode = self.compile(reference)
        opening, closing = f"<{element}>", f"</{element}>"
        return lambda value: opening + encode(value) + closing

    def _repeated(self, reference: Reference, element: str) -> Encode:
        encode = self.compile(reference)
        opening, closing = f"<{element}>", f"</{element}>"
        return lambda value: "".join([opening + encode(item) + closing for item in value])

    def _map(self, shape: Shape, element: str) -> Encode:
        key_reference, value_reference = shape.element("key"), shape.element("value")
        key_name = key_reference.location_name or "key"
        value_name = value_reference.location_name or "value"
        encode_key, encode_value = self.compile(key_reference), self.compile(value_reference)

        def whole_map(value: Mapping[str, Any]) -> str:
            return "".join(
                f"<{element}><{key_name}>{encode_key(key)}</{key_name}>"
                f"<{value_name}>{encode_value(item)}</{value_name}></{element}>"
                for key, item in value.items()
            )

        return whole_map


def _refuse_unknown(shape: Shape, value: Mapping[str, Any]) -> None:
    unknown = sorted(name for name in value if name not in shape.members)
    if unknown:
        raise OutputError(f"shape `{shape.name}` has no member `{unknown[0]}`")


def _url_encoded(value: str) -> str:
    return quote(value, safe="", errors="replace")


def _timestamp(name: str) -> Encode:
    write = WRITE[name]
    return lambda value: str(write(value))


_SCALARS: dict[str, Encode] = {
    "string": escape,
    "character": escape,
    "integer": lambda value: str(int(value)),
    "long": lambda value: str(int(value)),
    "float": lambda value: repr(float(value)),
    "double": lambda value: repr(float(value)),
    "boolean": lambda value: "true" if value else "false",
    "blob": lambda value: base64.b64encode(value).decode(),
}
