"""Values of inputs and outputs whose members stand in paths, query strings, headers and bodies."""

from random import Random
from typing import Any

from botocore.model import OperationModel, Shape

from property.wire.values import HEADER_ITEMS, HEADERS, LABELS, QUOTED_ITEMS, Maker, scalar


def make_input(maker: Maker, operation: OperationModel) -> dict[str, Any]:
    """An input for a request; with what a client cannot leave out: labels."""
    shape = operation.input_shape
    value = _make(maker, shape, HEADER_ITEMS if maker.random.random() < 0.5 else QUOTED_ITEMS)
    for name, member in shape.members.items():
        if member.serialization.get("hostLabel"):
            value[name] = "a-1"
        elif name in shape.required_members and name not in value and "location" in member.serialization:
            # Some operations are told apart by them alone.
            value[name] = _bound(maker, member, member.serialization["location"], HEADER_ITEMS)
        if member.serialization.get("location") == "uri" and member.type_name == "string":
            value[name] = maker.random.choice(LABELS)
        elif member.serialization.get("location") == "uri":
            value[name] = maker.scalar(member)
    return value


def make_output(maker: Maker, shape: Shape) -> dict[str, Any]:
    """An output, or the members of an error."""
    return _make(maker, shape, HEADER_ITEMS)


def _make(maker: Maker, shape: Shape, items: tuple[str, ...]) -> dict[str, Any]:
    value = maker.make(shape)
    payload = shape.serialization.get("payload")
    for name in list(value):
        member = shape.members[name]
        location = member.serialization.get("location")
        if location in ("header", "headers", "statusCode", "querystring"):
            value[name] = _bound(maker, member, location, items)
        elif name == payload and member.type_name == "blob":
            value[name] = maker.random.choice((b"a", b"{}", "é".encode()))
        elif name == payload and member.type_name == "string":
            value[name] = maker.string() or "a"
    return value


def _bound(maker: Maker, member: Shape, location: str, items: tuple[str, ...]) -> Any:
    choice = maker.random.choice
    if location == "statusCode":
        return choice((200, 202, 299))
    if location == "headers":
        return {key: choice(HEADERS) for key in ("a", "b-c", "x-1")[: choice((1, 2, 3))]}
    if location == "querystring":
        if member.type_name == "map" and member.value.type_name == "list":
            return {
                f"k{maker.string()}{n}": [maker.string() for _ in range(choice((1, 2)))] for n in range(2)
            }
        if member.type_name == "map":
            return {f"k{maker.string()}{n}": maker.string() for n in range(choice((1, 2)))}
        return maker.make(member)
    if member.serialization.get("jsonvalue"):
        return choice(({"a": [1, "é"]}, [], "text", 7))
    if member.type_name == "list":
        return [choice(items) for _ in range(choice((1, 2, 11)))]
    value = maker.scalar(member) if scalar(member) else maker.make(member)
    if member.type_name == "string":
        return choice(HEADERS)
    # botocore writes header timestamps to the second, whatever their format.
    return value.replace(microsecond=0) if member.type_name == "timestamp" else value


def seeded(text: str) -> Random:
    """Choices that are the same in every run."""
    return Random(text)
