"""The query and ec2 protocols' requests: from named parameters to values, compiled from the shapes.

Specification: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, and aws-ec2-query-protocol.html
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from masugata.wire._compiler import ShapeCompiler
from masugata.wire._texts import malformed, reader
from masugata.wire.form import Node, parameters, tree
from masugata.wire.message import HttpRequest
from masugata.wire.models import Reference, ServiceModel, Shape

_INDEX = re.compile(r"[0-9]{1,10}")

Decode: TypeAlias = Callable[[Any], Any]


def compile_request(
    model: ServiceModel, input_shape: str | None, *, ec2: bool = False
) -> Callable[[HttpRequest], dict[str, Any]]:
    """A function from a request to the operation's input, by member names; absent members are absent.

    Lists may have gaps in their indexes and are ordered by them as numbers. It raises AwsError
    MalformedInput for values of the wrong type, MalformedQueryString for unsound encoding.
    """
    if input_shape is None:
        return lambda _request: {}
    compiler = _Ec2Compiler(model) if ec2 else _Compiler(model)
    decode = compiler.compile(Reference(shape=input_shape))

    def request_input(request: HttpRequest) -> dict[str, Any]:
        decoded: dict[str, Any] = decode(tree(parameters(request)))
        return decoded

    return request_input


def _leaf(node: Node) -> str:
    if isinstance(node, str):
        return node
    raise malformed("Start of structure or map found where not expected.")


class _Compiler(ShapeCompiler):
    def build(self, shape: Shape, reference: Reference) -> Decode:
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape, flattened=reference.flattened)
            case "map":
                return self._map(shape, flattened=reference.flattened)
        read = reader(shape, reference.timestamp_format or "iso8601")
        return lambda node: read(_leaf(node))

    def _wire_name(self, name: str, reference: Reference) -> str:
        shape = self.model.shape(reference.shape)
        flattened = shape.type == "list" and reference.flattened
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
                    raise malformed("Expected null")
                return {}
            value = {name: decode(node[wire]) for name, wire, decode in members if wire in node}
            if shape.union and len(value) != 1:
                raise malformed(f"exactly one member of `{shape.name}` must be set")
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
                    raise malformed(f"an entry of a map must have `{key_name}` and `{value_name}`")
                key = decode_key(entry[key_name])
                if key in result:
                    raise malformed(f"the key `{str(key)[:128]}` occurs twice in a map")
                result[key] = decode_value(entry[value_name])
            return result

        return whole_map


class _Ec2Compiler(_Compiler):
    """All lists are flattened, and names are capitalized: `Filter.1.Value.2`."""

    def _wire_name(self, name: str, reference: Reference) -> str:
        wire = reference.location_name or name
        return reference.query_name or wire[:1].upper() + wire[1:]

    def _list(self, shape: Shape, *, flattened: bool) -> Decode:
        del flattened
        return super()._list(shape, flattened=True)


def _elements(node: Node, inner: str | None, expected: str) -> list[Node]:
    """The elements of a list or map in the order of their numbers; `Tags=` is an empty list."""
    if isinstance(node, str):
        if node:
            raise malformed(expected)
        return []
    if inner is not None:
        # `PolicyArns.1.arn` where `PolicyArns.member.1.arn` is right must not pass for an empty list.
        if node.keys() != {inner}:
            raise malformed(
                f"a list or map has only `{inner}` below it, not `{min(node.keys() - {inner})[:128]}`"
            )
        below = node[inner]
        if isinstance(below, str):
            raise malformed(expected)
        node = below
    numbered: dict[int, Node] = {}
    for index, element in node.items():
        if not _INDEX.fullmatch(index) or int(index) in numbered:
            raise malformed(f"`{index[:128]}` is not the number of an element, or is one twice")
        numbered[int(index)] = element
    return [numbered[index] for index in sorted(numbered)]
