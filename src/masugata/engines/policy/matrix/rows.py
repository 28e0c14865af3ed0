"""The actions as rows, in one block for each service, and cells as the bits of one number for each block.

The cell of row i and column j is bit i x width + j, so what a statement matches, some rows by some columns,
is one multiplication: bits at the rows' beginnings, times the bits of the columns. Actions that no policy
tells apart are one row.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from masugata.engines.policy.actions import Actions
from masugata.engines.policy.statements import Statement

Cells = dict[str, int]
"""Service → cells of its block; a block without cells may be left out."""

# Actions of which the rules of a decision speak by name are rows of their own.
_TOLD_APART: Final = frozenset(
    {
        "sts:getcalleridentity", "sts:setsourceidentity", "sts:tagsession", "kms:retiregrant",
        "kms:createalias", "kms:updatealias", "kms:deletealias",
    }
)  # fmt: skip
_IAM_VERBS: Final = ("iam:get", "iam:list", "iam:generate", "iam:simulate")


class Block:
    """The rows of one service: `actions` has the one action that speaks for each row."""

    __slots__ = ("actions", "all", "service")

    def __init__(self, service: str, actions: Iterable[str], width: int) -> None:
        self.service = service
        self.actions = tuple(actions)
        self.all = _beginnings(range(len(self.actions)), width)


class Rows:
    """All actions (in any case), by service; none of the services in `apart` share a row."""

    def __init__(
        self, actions: Iterable[str], statements: Iterable[Statement], width: int, apart: Sequence[str] = ()
    ) -> None:
        self._width = width
        self._elements: dict[tuple[object, ...], Cells] = {}
        by_service: dict[str, list[str]] = {}
        for action in dict.fromkeys(map(str.lower, actions)):
            by_service.setdefault(action.partition(":")[0], []).append(action)
        self._place: dict[str, tuple[str, int]] = {}
        self.blocks: dict[str, Block] = {}
        signatures = _signatures(by_service, statements, apart)
        for service, names in by_service.items():
            rows: dict[object, int] = {}
            speaking: list[str] = []
            for name in names:
                row = rows.setdefault(signatures[name], len(rows))
                if row == len(speaking):
                    speaking.append(name)
                self._place[name] = service, row
            self.blocks[service] = Block(service, speaking, width)

    def place(self, action: str) -> tuple[str, int]:
        """Service and row of an action; raises KeyError if it was not asked about."""
        return self._place[action.lower()]

    def of(self, statement: Statement) -> Cells:
        """Where the rows begin that the statement's Action or NotAction covers."""
        key = _key(statement)
        found = self._elements.get(key)
        if found is None:
            found = self._elements[key] = self.where(statement.actions.matches, _reach(statement.actions))
        return found

    def where(self, holds: Callable[[str], bool], services: Iterable[str] | None = None) -> Cells:
        """Where the rows begin for whose action (in lower case) it holds."""
        found: Cells = {}
        for service in self.blocks if services is None else services:
            block = self.blocks.get(service)
            if block is None:
                continue
            rows = [row for row, action in enumerate(block.actions) if holds(action)]
            if rows:
                found[service] = block.all if len(rows) == len(block.actions) else self._at(rows)
        return found

    def everywhere(self, columns: int) -> Cells:
        """These columns in every row."""
        return {service: block.all * columns for service, block in self.blocks.items()}

    def _at(self, rows: Iterable[int]) -> int:
        return _beginnings(rows, self._width)


def union(*parts: Cells) -> Cells:
    """The cells that are in any of the parts."""
    if len(parts) == 1:
        return parts[0]
    found: Cells = {}
    for part in parts:
        for service, bits in part.items():
            found[service] = found[service] | bits if service in found else bits
    return found


def _beginnings(rows: Iterable[int], width: int) -> int:
    bits = 0
    for row in rows:
        bits |= 1 << row * width
    return bits


def _reach(actions: Actions) -> Iterable[str] | None:
    """The services whose actions an element may cover; None for all."""
    if actions.negated or actions.everything:
        return None
    return actions.services.union(name.partition(":")[0] for name in actions.exact)


def _key(statement: Statement) -> tuple[object, ...]:
    return statement.raw.actions, statement.actions.negated, statement.allow


def _signatures(
    by_service: dict[str, list[str]], statements: Iterable[Statement], apart: Sequence[str]
) -> dict[str, object]:
    """For each action what tells it from others: the elements that cover it, and the rules."""
    covering: dict[str, list[int]] = {name: [] for names in by_service.values() for name in names}
    elements = {_key(statement): statement.actions for statement in statements}
    for number, actions in enumerate(elements.values()):
        if actions.everything:
            continue
        services = by_service if (reach := _reach(actions)) is None else reach
        for service in services:
            for name in by_service.get(service, ()):
                if actions.matches(name):
                    covering[name].append(number)
    alone = _TOLD_APART.union(*(by_service.get(service, ()) for service in apart))
    return {
        name: (tuple(found), name if name in alone else name.startswith(_IAM_VERBS))
        for name, found in covering.items()
    }
