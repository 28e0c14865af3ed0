"""XML answers (query, ec2, rest-xml), compiled from the shapes.

Specification: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, aws-ec2-query-protocol.html
and aws-restxml-protocol.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote

import msgspec

from masugata.wire._compiler import ShapeCompiler
from masugata.wire._documents import OutputError
from masugata.wire._texts import writer
from masugata.wire.models import Operation, Reference, ServiceModel, Shape, XmlNamespace

# XML 1.0 has no way to write these characters, not even escaped; U+FFFD stands in for them.
_UNSAFE = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A bare carriage return would reach the client as a line feed.
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}

# Clients decode members of these shapes, and only these, as botocore does for iam.
_URL_ENCODED = frozenset({("iam", "policyDocumentType")})

Encode: TypeAlias = Callable[[Any], str]


def escape(text: str) -> str:
    """The text as XML character data."""
    return _UNSAFE.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text) if _UNSAFE.search(text) else text


def compile_response(
    model: ServiceModel, operation: Operation, *, ec2: bool = False
) -> Callable[[Mapping[str, Any], str], bytes]:
    """A function from an output and a request id to the answer's body in query, or in ec2."""
    head = f'<{operation.name}Response xmlns="{escape(model.xml_namespace or "")}">'
    tail = f"</{operation.name}Response>"
    result = operation.result_wrapper or f"{operation.name}Result"
    encode = None if operation.output is None else compile_members(model, operation.output)

    def body(output: Mapping[str, Any], request_id: str) -> bytes:
        if encode is None and output:
            raise OutputError(f"operation `{operation.name}` has no output, but got `{min(output)}`")
        members = "" if encode is None else encode(output)
        if ec2:
            return f"{head}<requestId>{escape(request_id)}</requestId>{members}{tail}".encode()
        text = "" if encode is None else f"<{result}>{members}</{result}>"
        metadata = f"<ResponseMetadata><RequestId>{escape(request_id)}</RequestId></ResponseMetadata>"
        return f"{head}{text}{metadata}{tail}".encode()

    return body


def compile_members(
    model: ServiceModel, shape_name: str, members: Mapping[str, Reference] | None = None
) -> Encode:
    """A function from a structure to the XML of its members, without an element around them.

    With `members`, only those are in the XML, and the structure's others are passed over.
    """
    shape = model.shape(shape_name)
    return _Compiler(model).structure(shape, shape.members if members is None else members)


def compile_element(model: ServiceModel, reference: Reference) -> Encode:
    """A function from a value to the whole document whose root element that use of a shape is."""
    if reference.xml_namespace is None and model.xml_namespace is not None:
        reference = msgspec.structs.replace(reference, xml_namespace=XmlNamespace(model.xml_namespace))
    return _Compiler(model).element(reference.location_name or reference.shape, reference)


def root_tags(model: ServiceModel, shape: Shape) -> tuple[str, str]:
    """The opening and the closing tag of an answer of rest-xml."""
    namespace = None if model.xml_namespace is None else XmlNamespace(model.xml_namespace)
    return f"<{shape.name}{_declaration(namespace)}>", f"</{shape.name}>"


def _declaration(namespace: XmlNamespace | None) -> str:
    """The attribute that declares the namespace, with a space before it."""
    if namespace is None:
        return ""
    prefix = f":{namespace.prefix}" if namespace.prefix else ""
    return f' xmlns{prefix}="{_attribute(namespace.uri)}"'


def _attribute(text: str) -> str:
    """The text as the value of an attribute, where a parser would turn line ends into spaces."""
    return escape(text).replace('"', "&quot;").replace("\n", "&#xA;").replace("\t", "&#x9;")


class _Compiler(ShapeCompiler):
    """Compiles shapes to functions that return what is inside of the shape's element."""

    def build(self, shape: Shape, reference: Reference) -> Encode:
        match shape.type:
            case "structure":
                return self.structure(shape, shape.members)
            case "list":
                element = shape.element("member")
                return self._repeated(element, element.location_name or "member")
            case "map":
                return self._map(shape, "entry")
            case "string" if (self.model.name, shape.name) in _URL_ENCODED:
                return _url_encoded
            case "string" | "character":
                return escape
        return writer(shape, reference.timestamp_format or "iso8601")

    def structure(self, shape: Shape, members: Mapping[str, Reference]) -> Encode:
        """The members, each in its element; those that are attributes stand in the element around them."""
        encoders = {
            name: self._member(name, reference)
            for name, reference in members.items()
            if not reference.xml_attribute
        }

        def structure(value: Mapping[str, Any]) -> str:
            parts = []
            for name, encode in encoders.items():
                item = value.get(name)
                if item is not None:
                    parts.append(encode(item))
            if len(parts) != len(value):
                _refuse_unknown(shape, value)
            return "".join(parts)

        return structure

    def element(self, name: str, reference: Reference) -> Encode:
        """The whole element of that name."""
        encode = self.compile(reference)
        declared = _declaration(reference.xml_namespace)
        opening, closing = f"<{name}{declared}>", f"</{name}>"
        shape = self.model.shape(reference.shape)
        attributes = {
            member: used.location_name or member
            for member, used in shape.members.items()
            if used.xml_attribute
        }
        if not attributes:
            return lambda value: opening + encode(value) + closing

        def with_attributes(value: Mapping[str, Any]) -> str:
            texts = [
                f' {attribute}="{_attribute(value[member])}"'
                for member, attribute in attributes.items()
                if value.get(member) is not None
            ]
            return f"<{name}{declared}{''.join(texts)}>{encode(value)}{closing}"

        return with_attributes

    def _member(self, name: str, reference: Reference) -> Encode:
        """The member with its element, which a flattened list or map repeats."""
        shape = self.model.shape(reference.shape)
        element = reference.location_name or name
        if shape.type == "map" and reference.flattened:
            return self._map(shape, element)
        if shape.type == "list" and reference.flattened:
            member = shape.element("member")
            return self._repeated(member, member.location_name or element)
        return self.element(element, reference)

    def _repeated(self, reference: Reference, element: str) -> Encode:
        encode = self.element(element, reference)
        return lambda value: "".join([encode(item) for item in value])

    def _map(self, shape: Shape, element: str) -> Encode:
        key, value = shape.element("key"), shape.element("value")
        encode_key = self.element(key.location_name or "key", key)
        encode_value = self.element(value.location_name or "value", value)

        def whole_map(value: Mapping[str, Any]) -> str:
            return "".join(
                f"<{element}>{encode_key(key)}{encode_value(item)}</{element}>" for key, item in value.items()
            )

        return whole_map


def _refuse_unknown(shape: Shape, value: Mapping[str, Any]) -> None:
    unknown = sorted(name for name in value if name not in shape.members)
    if unknown:
        raise OutputError(f"shape `{shape.name}` has no member `{unknown[0]}`")


def _url_encoded(value: str) -> str:
    return quote(value, safe="", errors="replace")
