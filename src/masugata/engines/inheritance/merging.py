"""The policies on the way from the root to an account, added up.

Policies that are attached to one target count at once and bind only what is below it: of what they assign
the first that was attached wins, what they append comes to what was inherited, what they remove is removed
from what was inherited. What their child control operators leave is the intersection. A child control
operator binds the key that it is under: the values of a setting; of other keys whether children can add
keys.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html and
.../inheritance-examples.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from masugata.engines.inheritance.documents import Tree
from masugata.engines.inheritance.operators import (
    ADDING,
    APPEND,
    ASSIGN,
    REMOVE,
    VALUE_OPERATORS,
    child_operators,
    is_setting,
)
from masugata.engines.inheritance.paths import TOP, Path
from masugata.engines.inheritance.schema import Entries, Node, Open, Section, Setting

Value: TypeAlias = str | int | float | bool | tuple[str, ...]


class Fragment(NamedTuple):
    """A part of the policy with this id."""

    policy: str
    tree: Tree


class Conflict(NamedTuple):
    """Policies that are attached to one target and contradict each other."""

    path: Path
    policies: tuple[str, ...]


@dataclass(slots=True)
class Merged:
    """One key of the effective policy: a value, or further keys.

    `allowed` is what policies further down may do, `policies` are the ids of those that had a part in it.
    """

    allowed: frozenset[str] = VALUE_OPERATORS
    value: Value | None = None
    children: dict[str, "Merged"] = field(default_factory=dict)
    policies: dict[str, None] = field(default_factory=dict)


def merge_level(into: Merged, node: Node, fragments: Sequence[Fragment]) -> list[Conflict]:
    """Add the policies of one target, in the order in which they were attached."""
    conflicts: list[Conflict] = []
    _merge(into, node, fragments, TOP, conflicts)
    return conflicts


def _merge(
    into: Merged, node: Node, fragments: Sequence[Fragment], path: Path, conflicts: list[Conflict]
) -> None:
    inherited = into.allowed
    if isinstance(node, Setting) or any(is_setting(fragment.tree) for fragment in fragments):
        _set(into, node, fragments, path, conflicts)
    else:
        into.policies.update(dict.fromkeys(fragment.policy for fragment in fragments))
        for key, (child, parts) in _by_key(node, fragments).items():
            below = into.children.get(key)
            if below is None:
                if inherited.isdisjoint(ADDING):
                    continue
                below = into.children[key] = Merged()
            _merge(below, child, parts, (*path, key), conflicts)
    for fragment in fragments:
        into.allowed &= child_operators(fragment.tree)


def _by_key(node: Node, fragments: Sequence[Fragment]) -> dict[str, tuple[Node, list[Fragment]]]:
    """What policies say about each key below one, by the name that it has in the effective policy."""
    found: dict[str, tuple[Node, list[Fragment]]] = {}
    for policy, tree in fragments:
        for written, below in tree.items():
            if written.startswith("@@"):
                continue
            key, child = _named(node, written)
            found.setdefault(key, (child, []))[1].append(Fragment(policy, below))
    return found


def _named(node: Node, key: str) -> tuple[str, Node]:
    if isinstance(node, Entries):
        return key if node.exact else key.lower(), node.of
    if isinstance(node, Section):
        return key, node.members[key]
    return key, Open()


def _set(
    into: Merged, node: Node, fragments: Sequence[Fragment], path: Path, conflicts: list[Conflict]
) -> None:
    """Apply the value-setting operators that are allowed; others are as if they were not there."""
    assigned, appended, removed = (
        [
            (fragment.policy, fragment.tree[operator])
            for fragment in fragments
            if operator in fragment.tree and operator in into.allowed
        ]
        for operator in (ASSIGN, APPEND, REMOVE)
    )
    _find_conflicts(assigned, appended, removed, path, conflicts)
    value = into.value
    if assigned:
        value = _value(assigned[0][1])
        into.policies.clear()
        removed = []
    taken = [item for _, values in removed for item in _items(values)]
    added = [item for _, values in appended for item in _items(values)]
    if appended or (taken and value is not None):
        kept = [item for item in _items(value) if item not in taken]
        empty_stays = isinstance(node, Setting) and node.may_be_empty
        value = tuple(dict.fromkeys([*kept, *added]))
        if not value and taken and not empty_stays:
            value = None
    into.value = value
    into.policies.update(dict.fromkeys(policy for policy, _ in (*assigned[:1], *removed, *appended)))


def _find_conflicts(
    assigned: list[tuple[str, Any]],
    appended: list[tuple[str, Any]],
    removed: list[tuple[str, Any]],
    path: Path,
    conflicts: list[Conflict],
) -> None:
    """Different values that are assigned, and the same that is appended and removed."""
    if any(_value(value) != _value(assigned[0][1]) for _, value in assigned[1:]):
        conflicts.append(Conflict(path, tuple(policy for policy, _ in assigned)))
    both = {item for _, values in appended for item in _items(values)} & {
        item for _, values in removed for item in _items(values)
    }
    if both:
        parties = [policy for policy, values in (*appended, *removed) if not both.isdisjoint(_items(values))]
        conflicts.append(Conflict(path, tuple(dict.fromkeys(parties))))


def _value(written: Any) -> Value:
    return tuple(dict.fromkeys(written)) if isinstance(written, list) else written


def _items(value: Any) -> tuple[str, ...]:
    """The values of a setting as a list."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)
