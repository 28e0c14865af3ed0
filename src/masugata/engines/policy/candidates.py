"""The statements of a set that speak of one action, found by the resource they are asked about."""

from collections.abc import Sequence
from operator import itemgetter

from masugata.engines.policy.arns import Target
from masugata.engines.policy.statements import Statement

FEW = 8
"""Up to so many statements are faster asked one by one."""
_LONGEST = 32
_POSITION = itemgetter(0)


class Candidates:
    """Statements in their order.

    Where they are many, they are found by how the resource part of their ARNs begins, as far as it is
    literal: a request's resource is cut to each length that occurs, and looked up. A statement whose
    resource does not say how it begins is always asked.
    """

    __slots__ = ("_by_beginning", "_lengths", "_rest", "all")

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.all = tuple(statements)
        self._rest: list[tuple[int, Statement]] = []
        self._by_beginning: dict[str, list[tuple[int, Statement]]] = {}
        self._lengths: tuple[int, ...] | None = None
        if len(self.all) > FEW:
            self._index()

    def near(self, target: Target) -> Sequence[Statement]:
        """Those that may match the resource, in their order."""
        if self._lengths is None or not target.is_arn:
            return self.all
        found = self._rest.copy()
        resource = target.resource
        for length in self._lengths:
            if length > len(resource):
                break
            found += self._by_beginning.get(resource[:length], ())
        found.sort(key=_POSITION)
        return [statement for _, statement in found]

    def _index(self) -> None:
        for place in enumerate(self.all):
            beginnings = place[1].resources.beginnings
            if beginnings is None:
                self._rest.append(place)
            else:
                for beginning in {text[:_LONGEST] for text in beginnings}:
                    self._by_beginning.setdefault(beginning, []).append(place)
        self._lengths = tuple(sorted(set(map(len, self._by_beginning))))
