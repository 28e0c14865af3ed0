"""The levels of an organization's policies, of which every one must allow and none may deny.

Most levels have nothing to say about most actions: they allow everything, and deny other actions. Which
ones have to be asked is found once for each action and remembered, so that a deep tree costs no more than
what its policies say.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from masugata.engines.policy.sets import PolicySet

_MEMO_LIMIT: Final = 4096  # actions remembered for each way through a tree, as for each set


class Relevant(NamedTuple):
    """The levels that may deny one action, and those that do not allow it whatever the circumstances."""

    denying: tuple[PolicySet, ...]
    limiting: tuple[PolicySet, ...]


class Levels:
    """The sets on the way from the root of an organization down to an account."""

    __slots__ = ("_memo", "_sets")

    def __init__(self, sets: tuple[PolicySet, ...]) -> None:
        self._sets = sets
        self._memo: dict[str, Relevant] = {}

    def relevant(self, action: str) -> Relevant:
        """The levels to ask about `action`, which is in lower case; in their order."""
        found = self._memo.get(action)
        if found is None:
            found = Relevant(
                tuple([level for level in self._sets if level.may_deny(action)]),
                tuple([level for level in self._sets if not level.always_allows(action)]),
            )
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            self._memo[action] = found
        return found


@lru_cache(maxsize=1024)
def levels(sets: tuple[PolicySet, ...]) -> Levels:
    """These sets as levels; the same for the same sets, so that all accounts of a unit share them."""
    return Levels(sets)
