"""The statements of a set that speak of one action, found by the resource they are asked about."""

from collections.abc import Sequence

from masugata.engines.policy.arns import Target
from masugata.engines.policy.statements import Statement

FEW = 8
"""Up to so many statements are faster asked one by one."""
_LONGEST = 32


def candidates(statements: Sequence[Statement]) -> "tuple[Statement, ...] | Candidates":
    """The statements as they are where they are few, else indexed."""
    return tuple(statements) if len(statements) <= FEW else Candidates(statements)


class Candidates:
    """Many statements in their order, found by how the resource part of their ARNs begins.

    Only as far as that is literal: a request's resource is cut to each length that occurs, and looked
    up. A statement whose resource does not say how it begins is always asked, and one whose star may run
    on into the resource part whenever that has a colon.
    """

    __slots__ = ("_all", "_by_beginning", "_lengths", "_rest", "_running")

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._all = statements
        self._rest: list[tuple[int, Statement]] = []
        self._running: list[tuple[int, Statement]] = []
        self._by_beginning: dict[str, list[tuple[int, Statement]]] = {}
        for place in enumerate(statements):
            resources = place[1].resources
            beginnings = resources.beginnings
            if resources.running:
                self._running.append(place)
            if beginnings is None:
                self._rest.append(place)
            else:
                for beginning in {text[:_LONGEST] for text in beginnings}:
                    self._by_beginning.setdefault(beginning, []).append(place)
        self._lengths = tuple(sorted(set(map(len, self._by_beginning))))

    @property
    def all(self) -> Sequence[Statement]:
        """Every statement, in their order."""
        return self._all

    def near(self, target: Target) -> Sequence[Statement]:
        """Those that may match the resource, in their order."""
        if not target.is_arn:
            return self._all
        resource = target.resource
        found = dict(self._rest)
        if ":" in resource:
            found.update(self._running)
        for length in self._lengths:
            if length > len(resource):
                break
            found.update(self._by_beginning.get(resource[:length], ()))
        return [found[position] for position in sorted(found)]
