"""From nodes to plain values, with a problem for each that is not what it should be."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from masugata.apply.document import Node, Text
from masugata.apply.problems import Problems, shown

Value = TypeVar("Value")


def members(problems: Problems, node: Node | None, what: str, known: Mapping[str, Any]) -> dict[str, Node]:
    """The members of a mapping that `known` knows; unknown ones are problems. Nothing is an empty mapping."""
    found = mapping(problems, node, what)
    for name in found:
        if name not in known:
            problems.add(name, f"{what} has no {shown(name)}: it has {', '.join(known)}")
    return {str(name): item for name, item in found.items() if name in known}


def mapping(problems: Problems, node: Node | None, what: str) -> dict[Text, Node]:
    """A mapping; nothing is an empty one."""
    if node is None or node.value is None:
        return {}
    if not isinstance(node.value, dict):
        problems.add(node, f"{what} must be a mapping")
        return {}
    return node.value


def named(
    problems: Problems, node: Node | None, what: str, read: Callable[[Text, Node], Value]
) -> dict[str, Value] | None:
    """A mapping from names to values; None where the file says nothing."""
    if node is None:
        return None
    return {str(name): read(name, item) for name, item in mapping(problems, node, what).items()}


def text(problems: Problems, node: Node | None, what: str) -> str | None:
    """A text."""
    if node is None:
        return None
    if not isinstance(node.value, str):
        problems.add(node, f"{what} must be a text")
        return None
    return node.value


def number(problems: Problems, node: Node | None, what: str) -> int | None:
    """A whole number of at most nine digits."""
    if node is None:
        return None
    value = node.value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        return int(value)
    problems.add(node, f"{what} must be a number")
    return None


def texts(problems: Problems, node: Node | None, what: str) -> list[Text] | None:
    """A sequence of texts of which none occurs twice; None where the file says nothing."""
    if node is None:
        return None
    if node.value is None:
        return []
    if not isinstance(node.value, list):
        problems.add(node, f"{what} must be a sequence, such as [a, b]")
        return []
    found: dict[str, Text] = {}
    for item in node.value:
        if not isinstance(item.value, str):
            problems.add(item, f"{what} must hold texts")
        elif item.value in found:
            problems.add(item, f"{what} names {shown(item.value)} twice")
        else:
            found[item.value] = Text.at(item.place, item.value)
    return list(found.values())


def tags(problems: Problems, node: Node | None) -> dict[str, str] | None:
    """Tags, as a mapping from keys to values."""
    if node is None:
        return None
    read = {str(key): text(problems, item, "the value of a tag") for key, item in _items(problems, node)}
    return {key: value for key, value in read.items() if value is not None}


def _items(problems: Problems, node: Node) -> list[tuple[Text, Node]]:
    return list(mapping(problems, node, "tags").items())
