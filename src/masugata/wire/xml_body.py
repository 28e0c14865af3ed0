"""The XML bodies of rest-xml requests: to values, compiled from the shapes.

Specification: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from masugata.wire import _xml_reader
from masugata.wire._compiler import ShapeCompiler
from masugata.wire._texts import malformed, reader
from masugata.wire._xml_reader import Element
from masugata.wire.models import Reference, ServiceModel, Shape

Decode: TypeAlias = Callable[[Element], Any]


def compile_members(
    model: ServiceModel, shape: Shape, members: Mapping[str, Reference]
) -> Callable[[bytes], dict[str, Any]]:
    """A function from a body to those `members` of a structure; the root's name does not count.

    Raises AwsError MalformedInput. Unknown elements and attributes are ignored.
    """
    decode = _Decoder(model).structure(shape, members)
    return lambda body: decode(_xml_reader.read(body))


def compile_element(model: ServiceModel, reference: Reference) -> Callable[[bytes], Any]:
    """A function from a body, which is one value, to that value."""
    decode = _Decoder(model).compile(reference)
    return lambda body: decode(_xml_reader.read(body))


def compile_shape(model: ServiceModel, reference: Reference) -> Decode:
    """A function from an element that was read already to its value: how a client reads answers."""
    return _Decoder(model).compile(reference)


class _Decoder(ShapeCompiler):
    """Compiles shapes to functions of an element, or, of what is flattened, of the element around it."""

    def build(self, shape: Shape, reference: Reference) -> Decode:
        match shape.type:
            case "structure":
                return self.structure(shape, shape.members)
            case "list":
                decode = self.compile(shape.element("member"))
                name = shape.element("member").location_name or "member"
                return lambda element: [decode(item) for item in _all(element, name)]
            case "map":
                entry = self._entry(shape)
                return lambda element: _merged(entry(item) for item in _all(element, "entry"))
        read = reader(shape, reference.timestamp_format or "iso8601")
        return lambda element: read(_text(element))

    def structure(
        self, shape: Shape, members: Mapping[str, Reference]
    ) -> Callable[[Element], dict[str, Any]]:
        """The members among an element's children and attributes."""
        attributes = {
            (reference.location_name or name).rpartition(":")[2]: name
            for name, reference in members.items()
            if reference.xml_attribute
        }
        known = {
            reference.location_name or name: (name, self._repeats(reference), self._member(reference))
            for name, reference in members.items()
            if not reference.xml_attribute
        }

        def structure(element: Element) -> dict[str, Any]:
            value = {
                name: element.attributes[key] for key, name in attributes.items() if key in element.attributes
            }
            found: dict[str, list[Element]] = {}
            for child in element.children:
                if child.name in known:
                    found.setdefault(child.name, []).append(child)
            for key, items in found.items():
                name, repeats, decode = known[key]
                if not repeats and len(items) > 1:
                    raise malformed(f"the element `{key}` occurs more than once")
                value[name] = decode(items)
            if shape.union and len(value) != 1:
                raise malformed(f"exactly one member of `{shape.name}` must be set")
            return value

        return structure

    def _repeats(self, reference: Reference) -> bool:
        return reference.flattened and self.model.shape(reference.shape).type in ("list", "map")

    def _member(self, reference: Reference) -> Callable[[list[Element]], Any]:
        """A function of all elements with the member's name."""
        if not self._repeats(reference):
            decode = self.compile(reference)
            return lambda items: decode(items[0])
        shape = self.model.shape(reference.shape)
        if shape.type == "map":
            entry = self._entry(shape)
            return lambda items: _merged(entry(item) for item in items)
        decode_item = self.compile(shape.element("member"))
        return lambda items: [decode_item(item) for item in items]

    def _entry(self, shape: Shape) -> Callable[[Element], tuple[str, Any]]:
        key, value = shape.element("key"), shape.element("value")
        key_name, value_name = key.location_name or "key", value.location_name or "value"
        decode_key, decode_value = self.compile(key), self.compile(value)

        def entry(element: Element) -> tuple[str, Any]:
            names = [child.name for child in element.children]
            if sorted(names) != sorted((key_name, value_name)):
                raise malformed(f"an entry of a map must have `{key_name}` and `{value_name}`")
            by_name = {child.name: child for child in element.children}
            return decode_key(by_name[key_name]), decode_value(by_name[value_name])

        return entry


def _all(element: Element, name: str) -> list[Element]:
    """The children, which all must have that name: an element that is none must not be lost."""
    for child in element.children:
        if child.name != name:
            raise malformed(f"a list or map has only `{name}` below it, not `{child.name[:128]}`")
    return element.children


def _merged(entries: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in entries:
        if key in result:
            raise malformed(f"the key `{key[:128]}` occurs twice in a map")
        result[key] = value
    return result


def _text(element: Element) -> str:
    if element.children:
        raise malformed("Start of structure or map found where not expected.")
    return element.text
