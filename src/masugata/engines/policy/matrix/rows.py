"""The actions as rows, in one block for each service, and cells as the bits of one number for each block.

The cell of row i and column j is bit i x width + j. Width is a multiple of eight, so that a row is some bytes
of the number, and what a statement matches, some rows by some columns, is made by joining them. Actions that
no policy tells apart are one row.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from masugata.engines.policy.actions import Actions
from masugata.engines.policy.statements import Statement

FEW = 8
"""So many actions are faster left as a row each."""
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


class RowSet:
    """Some rows: for each service, whether each row is among them, as far as the last that is.

    Compared by identity; `Rows` gives one object for the same rows.
    """

    __slots__ = ("services",)

    def __init__(self, services: dict[str, tuple[bool, ...]]) -> None:
        self.services = services


class Rows:
    """All actions (in any case), by service; those of the services in `apart` share no row."""

    def __init__(
        self,
        actions: Iterable[str],
        statements: Iterable[Statement],
        columns: int,
        apart: Sequence[str] = (),
    ) -> None:
        self._bytes = (columns + 7) // 8 or 1
        self.width = self._bytes * 8
        self._elements: dict[tuple[object, ...], RowSet] = {}
        self._sets: dict[tuple[tuple[str, tuple[bool, ...]], ...], RowSet] = {}
        by_service: dict[str, list[str]] = {}
        for action in dict.fromkeys(map(str.lower, actions)):
            by_service.setdefault(action.partition(":")[0], []).append(action)
        self._place: dict[str, tuple[str, int]] = {}
        # The one action that speaks for each row.
        self.blocks: dict[str, list[str]] = {}
        signatures: dict[str, object] = {name: name for names in by_service.values() for name in names}
        if len(signatures) > FEW:
            signatures = _signatures(by_service, statements, apart)
        for service, names in by_service.items():
            rows: dict[object, int] = {}
            speaking = self.blocks[service] = []
            for name in names:
                row = rows.setdefault(signatures[name], len(rows))
                if row == len(speaking):
                    speaking.append(name)
                self._place[name] = service, row
        self.all = self.where(lambda _: True)

    def place(self, action: str) -> tuple[str, int]:
        """Service and row of an action; raises KeyError if it was not asked about."""
        return self._place[action.lower()]

    def of(self, statement: Statement) -> RowSet:
        """The rows that the statement's Action or NotAction covers."""
        key = _key(statement)
        found = self._elements.get(key)
        if found is None:
            found = self._elements[key] = self.where(statement.actions.matches, _reach(statement.actions))
        return found

    def where(self, holds: Callable[[str], bool], services: Iterable[str] | None = None) -> RowSet:
        """The rows for whose action (in lower case) it holds."""
        flags = {
            service: tuple(map(holds, self.blocks[service]))
            for service in (self.blocks if services is None else services)
            if service in self.blocks
        }
        return self._set({service: _to_the_last(found) for service, found in flags.items() if any(found)})

    def within(self, rows: RowSet, service: str) -> RowSet:
        """Those of one service."""
        return self._set({name: flags for name, flags in rows.services.items() if name == service})

    def cells(self, rows: RowSet, columns: int) -> Cells:
        """These columns in these rows."""
        if not columns:
            return {}
        own, none = columns.to_bytes(self._bytes, "little"), bytes(self._bytes)
        return {
            service: int.from_bytes(b"".join([own if flag else none for flag in flags]), "little")
            for service, flags in rows.services.items()
        }

    def _set(self, services: dict[str, tuple[bool, ...]]) -> RowSet:
        return self._sets.setdefault(tuple(sorted(services.items())), RowSet(services))


class Rectangles:
    """Rows by columns that add up; those of the same rows are joined before they become cells."""

    __slots__ = ("_columns",)

    def __init__(self) -> None:
        self._columns: dict[RowSet, int] = {}

    def add(self, rows: RowSet, columns: int) -> None:
        """Add these columns in these rows."""
        if columns and rows.services:
            self._columns[rows] = self._columns.get(rows, 0) | columns

    def cells(self, rows: Rows) -> Cells:
        """All of them."""
        return union(*(rows.cells(found, columns) for found, columns in self._columns.items()))


def union(*parts: Cells) -> Cells:
    """The cells that are in any of the parts."""
    if len(parts) == 1:
        return parts[0]
    found: Cells = {}
    for part in parts:
        for service, bits in part.items():
            found[service] = found[service] | bits if service in found else bits
    return found


def _to_the_last(flags: tuple[bool, ...]) -> tuple[bool, ...]:
    return flags[: len(flags) - flags[::-1].index(True)]


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
