"""What policies allow and deny whoever carries them.

Most statements say the same of everybody: a policy's are cells that are found once. A statement that
mentions what is known of its caller, by a variable or a condition, is found for each value of that, and kept
as rows and columns until the caller is decided.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from masugata.engines.policy.matrix.columns import Columns
from masugata.engines.policy.matrix.facts import Facts, Knowledge, Value, statement_keys
from masugata.engines.policy.matrix.rows import Cells, Rectangles, Rows, RowSet, union
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.statements import Policy, Statement

_MEMO_LIMIT: Final = 65_536  # statements remembered for what they say of some callers


class Layer(NamedTuple):
    """What is allowed and denied: for certain, and possibly."""

    allowed: Cells
    may_be_allowed: Cells
    denied: Cells
    may_be_denied: Cells


class Rectangle(NamedTuple):
    """What one statement matches: these rows, and the columns for certain and possibly."""

    rows: RowSet
    allow: bool
    certain: int
    possible: int


class Share(NamedTuple):
    """What a policy set says of one caller: layers, the same objects for everybody, and its own part."""

    layers: tuple[Layer, ...]
    own: frozenset[Rectangle]

    def identity(self) -> tuple[object, ...]:
        """What to tell it apart by."""
        return frozenset(map(id, self.layers)), self.own


class _Parts(NamedTuple):
    """A policy: the layer of what it says of everybody, if anything, and statements that depend on keys."""

    layer: Layer | None
    dependent: tuple[tuple[Statement, tuple[str, ...]], ...]


class Layers:
    """Finds what policy sets say, and remembers it; `facts` are those of all callers."""

    def __init__(self, rows: Rows, columns: Columns, facts: Iterable[Facts]) -> None:
        self._rows = rows
        self._columns = columns
        self._nobody = Facts()
        self._facts = Knowledge(facts)
        self._parts: dict[int, _Parts] = {}
        self._made: dict[tuple[int, tuple[Value, ...]], Rectangle] = {}

    def of(self, policy_set: PolicySet, facts: Facts) -> Share:
        """What a set says of a caller."""
        layers, own = [], []
        for policy in policy_set.policies:
            parts = self._parts.get(id(policy))
            if parts is None:
                parts = self._parts[id(policy)] = self._split(policy)
            if parts.layer is not None:
                layers.append(parts.layer)
            for statement, keys in parts.dependent:
                known = id(statement), facts.values(keys)
                rectangle = self._made.get(known)
                if rectangle is None:
                    if len(self._made) >= _MEMO_LIMIT:
                        self._made.clear()
                    rectangle = self._made[known] = self._rectangle(statement, facts)
                if rectangle.possible:
                    own.append(rectangle)
        return Share(tuple(layers), frozenset(own))

    def merged(self, share: Share) -> Layer:
        """The union of all that a set says."""
        own = self._layer(share.own)
        return Layer(*(union(*parts) for parts in zip(own, *share.layers, strict=True)))

    def _split(self, policy: Policy) -> _Parts:
        always, dependent = [], []
        for statement in policy.statements:
            rows = self._rows.of(statement)
            if not rows.services or (statement.problem is not None and statement.allow):
                continue
            keys = self._facts.told(statement_keys(statement))
            if keys:
                dependent.append((statement, keys))
            else:
                always.append(self._rectangle(statement, self._nobody))
        layer = self._layer(always) if always else None
        return _Parts(layer if layer is not None and any(layer) else None, tuple(dependent))

    def _rectangle(self, statement: Statement, facts: Facts) -> Rectangle:
        certain, possible = self._columns.matched(statement, facts)
        return Rectangle(self._rows.of(statement), statement.allow, certain, possible)

    def _layer(self, rectangles: Iterable[Rectangle]) -> Layer:
        layer = tuple(Rectangles() for _ in Layer._fields)
        for rows, allow, certain, possible in rectangles:
            layer[0 if allow else 2].add(rows, certain)
            layer[1 if allow else 3].add(rows, possible)
        return Layer(*(found.cells(self._rows) for found in layer))
