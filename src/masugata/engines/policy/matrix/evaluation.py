"""The rules of a decision on blocks of cells.

Step by step what `decide` does for one request. Everything that allows may only add cells and everything
that denies may only take them, which is why bounds of what matches are bounds of what is allowed.
"""

from itertools import chain
from typing import Final, NamedTuple

from masugata.engines.policy.matrix.layers import Layer, Layers, Share
from masugata.engines.policy.matrix.named import Grants
from masugata.engines.policy.matrix.rows import Cells, Rows, union
from masugata.engines.policy.matrix.rules import Rules
from masugata.engines.policy.principals import Principal

_CERTAIN, _POSSIBLE = 0, 1
_DENIED: Final = 2  # where a layer's denied cells begin
_MEMO_LIMIT: Final = 64  # unions of guardrails, boundaries and session policies, which many callers share


class Side(NamedTuple):
    """All that decides what a caller may do; two callers are alike if theirs are of the same objects.

    `rcps` are the cells in which each RCP set must allow, and what it says of the caller.
    """

    standing: tuple[object, ...]
    identity: Share
    limits: tuple[Share, ...]
    scps: tuple[Share, ...]
    grants: Grants
    rcps: tuple[tuple[Cells, Grants], ...]

    def identities(self) -> tuple[object, ...]:
        """What to tell sides apart by."""
        levels = (share.identity() for share in chain(self.limits, self.scps))
        return (
            self.standing, self.identity.identity(), len(self.limits), *levels, id(self.grants),
            *map(id, chain.from_iterable(self.rcps)),
        )  # fmt: skip


def standing(principal: Principal) -> tuple[object, ...]:
    """What the rules ask of a caller, whatever the policies say of it."""
    kind = principal.kind if principal.kind in ("root", "service", "anonymous") else ""
    return (
        kind, principal.external, principal.confined, principal.service_linked, principal.account,
        principal.partition,
    )  # fmt: skip


class _Carried(NamedTuple):
    """What a caller carries, and what its organization lays on it."""

    identity: Layer
    limits: list[Layer]
    scps: list[Layer]


class Evaluation:
    """Decides all cells of a side."""

    def __init__(self, rows: Rows, layers: Layers, rules: Rules) -> None:
        self._layers = layers
        self._rules = rules
        self._full = rows.cells(rows.all, rules.columns)
        self._unions: dict[tuple[object, ...], tuple[Share, Layer]] = {}

    def decide(self, side: Side, principal: Principal) -> tuple[Cells, Cells]:
        """The cells that are allowed for certain, and those that possibly are."""
        carried = _Carried(
            self._layers.merged(side.identity),
            [self._merged(share) for share in side.limits],
            [self._merged(share) for share in side.scps],
        )
        possible = self._decide(side, principal, carried, _POSSIBLE)
        return (self._decide(side, principal, carried, _CERTAIN) if possible else {}), possible

    def _decide(self, side: Side, principal: Principal, carried: "_Carried", mode: int) -> Cells:
        found = self._granted(side, principal, carried, mode)
        for scp in carried.scps:
            found = _meet(found, scp[mode])
        bound = self._rules.bound_by_rcps(principal) if side.rcps else {}
        for governed, rcp in side.rcps:
            cells = _meet(governed, bound)
            ungranted = _minus(cells, union(rcp.account[mode], rcp.direct[mode]))
            found = _minus(_minus(found, ungranted), _meet(cells, rcp.denied[1 - mode]))
        for layer in (carried.identity, *carried.limits, *carried.scps):
            found = _minus(found, layer[_DENIED + 1 - mode])
        found = _minus(_minus(found, side.grants.denied[1 - mode]), self._rules.reserved)
        return found if principal.kind == "anonymous" else union(found, self._rules.exempt)

    def _granted(self, side: Side, principal: Principal, carried: "_Carried", mode: int) -> Cells:
        """What identity and resource policies allow within the caller's limits."""
        account, direct, strong = (
            cells[mode] for cells in (side.grants.account, side.grants.direct, side.grants.strong)
        )
        if principal.external:
            return direct
        own = self._full if principal.kind == "root" else carried.identity[mode]
        both = self._rules.both_sides(principal)
        undelegated = _minus(self._rules.delegating, account)
        here = _minus(union(_minus(own, undelegated), direct), both)
        across = _meet(_meet(own, union(account, direct)), both)
        found = union(here, across)
        # A grant to the caller itself, or to everyone, is not limited by what the caller carries.
        confined = principal.confined or principal.kind == "root"
        unlimited = {} if confined else _minus(strong, both)
        for limit in carried.limits:
            found = _meet(found, union(limit[mode], unlimited))
        return found

    def _merged(self, share: Share) -> Layer:
        key = share.identity()
        found = self._unions.get(key)
        if found is None:
            if len(self._unions) >= _MEMO_LIMIT:
                self._unions.clear()
            found = self._unions[key] = share, self._layers.merged(share)
        return found[1]


def _meet(cells: Cells, others: Cells) -> Cells:
    """The cells that are in both."""
    return {service: both for service, bits in cells.items() if (both := bits & others.get(service, 0))}


def _minus(cells: Cells, others: Cells) -> Cells:
    """The cells that are in the first alone."""
    if not others:
        return cells
    return {service: rest for service, bits in cells.items() if (rest := bits & ~others.get(service, 0))}
