"""What JSON and CBOR have in common: bodies that are documents of maps, lists and scalars."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from masugata.errors import AwsError, MasugataError
from masugata.wire._compiler import ShapeCompiler
from masugata.wire.models import Reference, Shape

MAX_DEPTH = 100
EXACT = frozenset({"wafv2"})
"""Services that refuse members they do not know: a rule without the one that narrows it is another rule."""

_STRUCTURE_FOUND = "Start of structure or map found where not expected."
LIST_FOUND = "Start of list found where not expected"

Convert: TypeAlias = Callable[[Any], Any]


class OutputError(MasugataError):
    """A handler returned something that the operation's output shape does not have."""


def refused(text: str) -> AwsError:
    """The error for a body that is not what it should be."""
    return AwsError("SerializationException", text)


def mismatch(value: Any, scalar_text: str) -> NoReturn:
    """Refuse a value of the wrong type in AWS's words; `scalar_text` may have `{}` for the found type."""
    match value:
        case dict():
            raise refused(_STRUCTURE_FOUND)
        case list():
            raise refused(LIST_FOUND)
        case bool():
            found = "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            found = "STRING_VALUE"
        case int() | float():
            found = "NUMBER_VALUE"
        case bytes():
            found = "BYTES_VALUE"
        case _:
            found = "OTHER_VALUE"
    raise refused(scalar_text.format(found))


class DocumentDecoder(ShapeCompiler):
    """Compiles shapes to functions from parts of a document to values; a subclass reads scalars."""

    def build(self, shape: Shape, reference: Reference) -> Convert:
        """The function for a structure, list or map; null members, elements and values are absent."""
        if shape.document:
            return lambda value: value
        match shape.type:
            case "structure":
                return self.structure(shape, shape.members)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
        return self.scalar(shape, reference)

    def scalar(self, shape: Shape, reference: Reference) -> Convert:
        """The function for a scalar."""
        raise NotImplementedError

    def structure(self, shape: Shape, members: Mapping[str, Reference]) -> Convert:
        """The function for a structure, of which only `members` are in the document."""
        known = {
            reference.location_name or name: (name, self.compile(reference))
            for name, reference in members.items()
        }

        exact = self.model.name in EXACT

        def structure(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                mismatch(value, "Expected null")
            result = {}
            for key, item in value.items():
                member = known.get(key)
                if exact and member is None:
                    raise refused(f"`{shape.name}` has no member `{key}` that is known here")
                if member is not None and item is not None:
                    result[member[0]] = member[1](item)
            if shape.union and len(result) != 1:
                raise refused(f"exactly one member of `{shape.name}` must be set")
            return result

        return structure

    def _list(self, shape: Shape) -> Convert:
        decode = self.compile(shape.element("member"))
        sparse = shape.sparse

        def whole_list(value: Any) -> list[Any]:
            if type(value) is not list:
                mismatch(value, "Expected list or null")
            if sparse:
                return [None if item is None else decode(item) for item in value]
            return [decode(item) for item in value if item is not None]

        return whole_list

    def _map(self, shape: Shape) -> Convert:
        decode = self.compile(shape.element("value"))
        sparse = shape.sparse

        def whole_map(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                mismatch(value, "Expected map or null")
            if sparse:
                return {key: None if item is None else decode(item) for key, item in value.items()}
            return {key: decode(item) for key, item in value.items() if item is not None}

        return whole_map


class DocumentEncoder(ShapeCompiler):
    """Compiles shapes to functions from values to parts of a document; a subclass writes scalars."""

    def build(self, shape: Shape, reference: Reference) -> Convert:
        """The function for a structure, list or map; members that are None are left out."""
        if shape.document:
            return lambda value: value
        match shape.type:
            case "structure":
                return self.structure(shape, shape.members)
            case "list":
                encode = self.compile(shape.element("member"))
                return lambda value: [None if item is None else encode(item) for item in value]
            case "map":
                encode = self.compile(shape.element("value"))
                return lambda value: {
                    key: None if item is None else encode(item) for key, item in value.items()
                }
        return self.scalar(shape, reference)

    def scalar(self, shape: Shape, reference: Reference) -> Convert:
        """The function for a scalar."""
        raise NotImplementedError

    def structure(self, shape: Shape, members: Mapping[str, Reference]) -> Convert:
        """The function for a structure, of which only `members` are in the document."""
        known = {
            name: (reference.location_name or name, self.compile(reference))
            for name, reference in members.items()
        }

        def structure(value: Mapping[str, Any]) -> dict[str, Any]:
            result = {}
            for name, item in value.items():
                member = known.get(name)
                if member is None:
                    if name in shape.members:
                        continue
                    raise OutputError(f"shape `{shape.name}` has no member `{name}`")
                if item is not None:
                    result[member[0]] = member[1](item)
            return result

        return structure


def integer_reader(shape: Shape) -> Convert:
    """A function that passes an integer of the shape's size and refuses everything else."""
    bits, words = (31, "an Integer") if shape.type == "integer" else (63, "a Long")
    limit = 1 << bits
    # Where the shape has a range, that range's error is the better one.
    ranged = shape.minimum is not None and shape.maximum is not None

    def integer(value: Any) -> int:
        if type(value) is not int or not (ranged or -limit <= value < limit):
            mismatch(value, f"{{}} can not be converted to {words}")
        return value

    return integer


def string(value: Any) -> str:
    """A text as it is."""
    if type(value) is not str:
        mismatch(value, "{} can not be converted to a String")
    return value


def boolean(value: Any) -> bool:
    """True or false as it is."""
    if type(value) is not bool:
        mismatch(value, "{} can not be converted to a Boolean")
    return value
