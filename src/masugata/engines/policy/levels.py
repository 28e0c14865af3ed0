"""The levels of an organization's policies, of which every one must allow and none may deny.

Nearly all levels allow everything and deny this or that. So what any of them denies is looked up as of one
set, and only those levels are asked for an Allow that do not give it whatever the circumstances: a deep
tree costs no more than what its policies say.
"""

from functools import lru_cache
from typing import Final

from masugata.engines.policy.sets import PolicySet

_MEMO_LIMIT: Final = 4096  # actions remembered for each way through a tree, as for each set


class Levels(tuple[PolicySet, ...]):  # noqa: SLOT001  of what it has of its own a tuple can make no slots
    """The sets on the way from the root of an organization down to an account; at least one.

    `all` has the policies of all levels, in their order, and each of them once.
    """

    def __init__(self, sets: tuple[PolicySet, ...]) -> None:
        policies = dict.fromkeys(policy for level in sets for policy in level.policies)
        self.all: Final = PolicySet(sets[0].type, policies)
        self._limiting: dict[str, tuple[PolicySet, ...]] = {}

    def limiting(self, action: str) -> tuple[PolicySet, ...]:
        """The levels that may not allow `action`, which is in lower case; in their order."""
        found = self._limiting.get(action)
        if found is None:
            found = tuple([level for level in self if not level.always_allows(action)])
            if len(self._limiting) >= _MEMO_LIMIT:
                self._limiting.clear()
            self._limiting[action] = found
        return found


def levels(sets: tuple[PolicySet, ...]) -> Levels | None:
    """These sets as levels, the same for the same sets; None if there are none."""
    return sets if isinstance(sets, Levels) else _levels(sets) if sets else None


@lru_cache(maxsize=1024)
def _levels(sets: tuple[PolicySet, ...]) -> Levels:
    return Levels(sets)
