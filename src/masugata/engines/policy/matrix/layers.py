"""What a policy allows and denies whoever carries it, found once for all who cannot be told apart."""

from collections.abc import Iterable
from typing import NamedTuple

from masugata.engines.policy.matrix.columns import Columns
from masugata.engines.policy.matrix.facts import Facts, Value, statement_keys
from masugata.engines.policy.matrix.rows import Cells, Rows, union
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Policy, Statement


class Layer(NamedTuple):
    """What is allowed and denied: for certain, and possibly."""

    allowed: Cells
    may_be_allowed: Cells
    denied: Cells
    may_be_denied: Cells


EMPTY = Layer({}, {}, {}, {})


class Layers:
    """Makes layers, and remembers them by what their policy depends on."""

    def __init__(self, rows: Rows, columns: Columns) -> None:
        self._rows = rows
        self._columns = columns
        self._keys: dict[int, tuple[str, ...]] = {}
        self._made: dict[tuple[int, tuple[Value, ...]], Layer] = {}

    def of(self, policy_set: PolicySet | None, facts: Facts) -> tuple[Layer, ...]:
        """A layer for each policy of a set, the same object for the same answers."""
        return (
            () if policy_set is None else tuple(self._layer(policy, facts) for policy in policy_set.policies)
        )

    def _layer(self, policy: Policy, facts: Facts) -> Layer:
        keys = self._keys.get(id(policy))
        if keys is None:
            keys = tuple(sorted(frozenset().union(*map(statement_keys, policy.statements))))
            self._keys[id(policy)] = keys
        known = id(policy), facts.values(keys)
        layer = self._made.get(known)
        if layer is None:
            layer = self._made[known] = self._make(policy, facts)
        return layer

    def _make(self, policy: Policy, facts: Facts) -> Layer:
        layer = Layer({}, {}, {}, {})
        for statement in policy.statements:
            if statement.problem is None or not statement.allow:
                self._add(layer, statement, facts)
        return layer

    def _add(self, layer: Layer, statement: Statement, facts: Facts) -> None:
        rows = self._rows.of(statement)
        certain, possible = self._columns.matched(statement, facts) if rows else (0, 0)
        if statement.allow:
            add(layer.allowed, rows, certain)
            add(layer.may_be_allowed, rows, possible)
        else:
            add(layer.denied, rows, certain)
            add(layer.may_be_denied, rows, possible)


def add(cells: Cells, rows: Cells, columns: int) -> None:
    """Add what a statement matches: these columns in these rows."""
    if columns:
        for service, beginnings in rows.items():
            cells[service] = cells.get(service, 0) | beginnings * columns


def merged(layers: Iterable[Layer]) -> Layer:
    """The union of several policies."""
    found = tuple(layers)
    if len(found) == 1:
        return found[0]
    return Layer(*(union(*parts) for parts in zip(*found, strict=True))) if found else EMPTY
