"""The policies on the way from the root to an account, added up.

Policies that are attached to one target count at once and bind only what is below it: of what they assign
the first that was attached wins, what they append comes to what was inherited, what they remove is removed
from what was inherited. What their child control operators leave is the intersection. A child control
operator binds the key that it is under: the values of a setting; of other keys whether children can add
keys.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html and
.../inheritance-examples.html
"""

from collections.abc import Mapping, Sequence
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
_Written: TypeAlias = list[tuple[str, Any]]


class Fragment(NamedTuple):
    """A part of the policy with this id."""

    policy: str
    tree: Tree


class Conflict(NamedTuple):
    """Policies that are attached to one target and contradict each other."""

    path: Path
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """One key of the effective policy: a value, or further keys.

    `allowed` is what policies further down may do, `policies` are the ids of those that had a part in it.
    What a level does not touch is shared with the level above.
    """

    allowed: frozenset[str] = VALUE_OPERATORS
    value: Value | None = None
    children: Mapping[str, "Merged"] = field(default_factory=dict)
    policies: tuple[str, ...] = ()


NOTHING = Merged()
"""What a key is before any policy."""


def merge_level(
    above: Merged, node: Node, fragments: Sequence[Fragment], conflicts: list[Conflict]
) -> Merged:
    """Add the policies of one target, in the order in which they were attached."""
    return _merge(above, node, fragments, TOP, conflicts) if fragments else above


def _merge(
    above: Merged, node: Node, fragments: Sequence[Fragment], path: Path, conflicts: list[Conflict]
) -> Merged:
    allowed = above.allowed
    for fragment in fragments:
        allowed &= child_operators(fragment.tree)
    if isinstance(node, Setting) or any(is_setting(fragment.tree) for fragment in fragments):
        value, policies = _set(above, node, fragments, path, conflicts)
        return Merged(allowed, value, above.children, policies)
    children = dict(above.children)
    for key, (child, parts) in _by_key(node, fragments).items():
        before = children.get(key)
        if before is None:
            if above.allowed.isdisjoint(ADDING):
                continue
            before = NOTHING
        children[key] = _merge(before, child, parts, (*path, key), conflicts)
    return Merged(
        allowed, above.value, children, _with(above.policies, [fragment.policy for fragment in fragments])
    )


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
    above: Merged, node: Node, fragments: Sequence[Fragment], path: Path, conflicts: list[Conflict]
) -> tuple[Value | None, tuple[str, ...]]:
    """Apply the value-setting operators that are allowed; others are as if they were not there."""
    assigned, appended, removed = (
        [
            (fragment.policy, fragment.tree[operator])
            for fragment in fragments
            if operator in above.allowed and operator in fragment.tree
        ]
        for operator in (ASSIGN, APPEND, REMOVE)
    )
    if len(assigned) > 1 or (appended and removed):
        _find_conflicts(assigned, appended, removed, path, conflicts)
    value, policies = above.value, above.policies
    if assigned:
        value, policies = _value(assigned[0][1]), (assigned[0][0],)
        removed = []
    if appended or (removed and value is not None):
        before, value = value, _listed(value, appended, removed)
        emptied = value == () and bool(_items(before))
        if emptied and not (isinstance(node, Setting) and node.may_be_empty):
            value = None
    return value, _with(policies, [policy for policy, _ in (*removed, *appended)])


def _listed(value: Value | None, appended: _Written, removed: _Written) -> Value:
    """A list without what is removed from it, and with what is appended to it, each value once."""
    items = dict.fromkeys(_items(value))
    for _, values in removed:
        for item in _items(values):
            items.pop(item, None)
    for _, values in appended:
        items.update(dict.fromkeys(_items(values)))
    return tuple(items)


def _find_conflicts(
    assigned: _Written, appended: _Written, removed: _Written, path: Path, conflicts: list[Conflict]
) -> None:
    """Different values that are assigned, and the same that is appended and removed."""
    if any(_value(value) != _value(assigned[0][1]) for _, value in assigned[1:]):
        conflicts.append(Conflict(path, tuple(policy for policy, _ in assigned)))
    both = {item for _, values in appended for item in _items(values)} & {
        item for _, values in removed for item in _items(values)
    }
    if both:
        parties = [policy for policy, values in (*appended, *removed) if not both.isdisjoint(_items(values))]
        conflicts.append(Conflict(path, _with((), parties)))


def _value(written: Any) -> Value:
    return tuple(dict.fromkeys(written)) if isinstance(written, list) else written


def _items(value: Any) -> Sequence[str]:
    """The values of a setting as a list."""
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _with(policies: tuple[str, ...], more: Sequence[str]) -> tuple[str, ...]:
    """Ids of policies and further ones, each once."""
    return tuple(dict.fromkeys((*policies, *more)))
