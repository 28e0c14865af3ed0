"""The query protocol's requests: from named parameters to values, compiled from the shapes.

Specification: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

import base64
import binascii
import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from masugata.errors import AwsError
from masugata.wire._compiler import ShapeCompiler, is_flattened, timestamp_format
from masugata.wire._timestamps import READ_TEXT
from masugata.wire.form import Node, parameters, tree
from masugata.wire.message import HttpRequest
from masugata.wire.models import Reference, ServiceModel, Shape

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?")
_INDEX = re.compile(r"[0-9]{1,10}")
_INTEGER_LIMITS = {"integer": (1 << 31, "an Integer"), "long": (1 << 63, "a Long")}

Decode: TypeAlias = Callable[[Any], Any]


def compile_request(model: ServiceModel, input_shape: str | None) -> Callable[[HttpRequest], dict[str, Any]]:
    """A function from a request to the operation's input, by member names; absent members are absent.

    Lists may have gaps in their indexes and are ordered by them as numbers. It raises AwsError
    MalformedInput for values of the wrong type, MalformedQueryString for unsound encoding.
    """
    if input_shape is None:
        return lambda _request: {}
    decode = _Compiler(model).compile(Reference(shape=input_shape))

    def request_input(request: HttpRequest) -> dict[str, Any]:
        decoded: dict[str, Any] = decode(tree(parameters(request)))
        return decoded

    return request_input


def _malformed(text: str) -> AwsError:
    return AwsError("MalformedInput", text)


def _leaf(node: Node) -> str:
    if isinstance(node, str):
        return node
    raise _malformed("Start of structure or map found where not expected.")


class _Compiler(ShapeCompiler):
    def build(self, shape: Shape, reference: Reference) -> Decode:
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape, flattened=is_flattened(shape, reference))
            case "map":
                return self._map(shape, flattened=is_flattened(shape, reference))
            case "timestamp":
                return _timestamp(timestamp_format(shape, reference, "iso8601"))
        return _SCALARS[shape.type](shape)

    def _wire_name(self, name: str, reference: Reference) -> str:
        shape = self.model.shape(reference.shape)
        flattened = shape.type == "list" and is_flattened(shape, reference)
        element = shape.element("member").location_name if flattened else None
        return element or reference.location_name or name

    def _structure(self, shape: Shape) -> Decode:
        members = [
            (name, self._wire_name(name, reference), self.compile(reference))
            for name, reference in shape.members.items()
        ]

        def structure(node: Node) -> dict[str, Any]:
            if isinstance(node, str):
                if node:
                    raise _malformed("Expected null")
                return {}
            value = {name: decode(node[wire]) for name, wire, decode in members if wire in node}
            if shape.union and len(value) != 1:
                raise _malformed(f"exactly one member of `{shape.name}` must be set")
            return value

        return structure

    def _list(self, shape: Shape, *, flattened: bool) -> Decode:
        reference = shape.element("member")
        inner = None if flattened else reference.location_name or "member"
        decode = self.compile(reference)

        def whole_list(node: Node) -> list[Any]:
            return [decode(element) for element in _elements(node, inner, "Expected list or null")]

        return whole_list

    def _map(self, shape: Shape, *, flattened: bool) -> Decode:
        key_reference, value_reference = shape.element("key"), shape.element("value")
        key_name = key_reference.location_name or "key"
        value_name = value_reference.location_name or "value"
        decode_key, decode_value = self.compile(key_reference), self.compile(value_reference)
        inner = None if flattened else "entry"

        def whole_map(node: Node) -> dict[str, Any]:
            result: dict[str, Any] = {}
            for entry in _elements(node, inner, "Expected map or null"):
                if isinstance(entry, str) or entry.keys() != {key_name, value_name}:
                    raise _malformed(f"an entry of a map must have `{key_name}` and `{value_name}`")
                key = decode_key(entry[key_name])
                if key in result:
                    raise _malformed(f"the key `{str(key)[:128]}` occurs twice in a map")
                result[key] = decode_value(entry[value_name])
            return result

        return whole_map


def _elements(node: Node, inner: str | None, expected: str) -> list[Node]:
    """The elements of a list or map in the order of their numbers; `Tags=` is an empty list."""
    if isinstance(node, str):
        if node:
            raise _malformed(expected)
        return []
    if inner is not None:
        # `PolicyArns.1.arn` where `PolicyArns.member.1.arn` is right must not pass for an empty list.
        if node.keys() != {inner}:
            raise _malformed(
                f"a list or map has only `{inner}` below it, not `{min(node.keys() - {inner})[:128]}`"
            )
        below = node[inner]
        if isinstance(below, str):
            raise _malformed(expected)
        node = below
    numbered: dict[int, Node] = {}
    for index, element in node.items():
        if not _INDEX.fullmatch(index) or int(index) in numbered:
            raise _malformed(f"`{index[:128]}` is not the number of an element, or is one twice")
        numbered[int(index)] = element
    return [numbered[index] for index in sorted(numbered)]


def _string(_shape: Shape) -> Decode:
    return _leaf


def _integer(shape: Shape) -> Decode:
    limit, words = _INTEGER_LIMITS[shape.type]
    # Where the shape has a range, that range's error is the better one.
    limit = 1 << 63 if shape.minimum is not None and shape.maximum is not None else limit

    def integer(node: Node) -> int:
        text = _leaf(node)
        if not _INTEGER.fullmatch(text) or not -limit <= int(text) < limit:
            raise _malformed(f"'{text[:128]}' can not be converted to {words}")
        return int(text)

    return integer


def _float(shape: Shape) -> Decode:
    words = "a Float" if shape.type == "float" else "a Double"

    def number(node: Node) -> float:
        text = _leaf(node)
        if not _FLOAT.fullmatch(text) or not math.isfinite(float(text)):
            raise _malformed(f"'{text[:128]}' can not be converted to {words}")
        return float(text)

    return number


def _boolean(_shape: Shape) -> Decode:
    def boolean(node: Node) -> bool:
        text = _leaf(node)
        match text.lower():
            case "true":
                return True
            case "false":
                return False
        raise _malformed(f"'{text[:128]}' can not be converted to a Boolean")

    return boolean


def _blob(_shape: Shape) -> Decode:
    def blob(node: Node) -> bytes:
        try:
            return base64.b64decode(_leaf(node).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError) as error:
            # The text may be key material: it is not repeated.
            raise _malformed("the value can not be converted to a Blob: it is not base64") from error

    return blob


def _timestamp(name: str) -> Decode:
    read = READ_TEXT[name]

    def timestamp(node: Node) -> datetime:
        text = _leaf(node)
        try:
            return read(text)
        except ValueError as error:
            raise _malformed(f"'{text[:128]}' can not be converted to a timestamp") from error

    return timestamp


_SCALARS: dict[str, Callable[[Shape], Decode]] = {
    "string": _string,
    "character": _string,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "boolean": _boolean,
    "blob": _blob,
}
