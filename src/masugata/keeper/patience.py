"""How long to wait for a keeper that may be gone."""

from time import monotonic
from typing import Final

_SHORTEST_SECONDS: Final = 0.1  # for an answer from a keeper that has been gone for long

FIRST_PAUSE: Final = 0.005
LONGEST_PAUSE: Final = 0.1
"""Seconds between two attempts to reach it; each time twice as long."""


class Patience:
    """Ends together for all who wait, so that nobody waits for long once somebody has in vain."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._gone_since: float | None = None

    def seconds(self) -> float:
        """For one who begins to wait now."""
        gone_since = self._gone_since  # once: another thread may have its answer at any moment
        if gone_since is None:
            return self._seconds
        return max(gone_since + self._seconds - monotonic(), _SHORTEST_SECONDS)

    def unanswered(self, since: float) -> None:
        """A question of then got no answer, or not yet."""
        if self._gone_since is None:
            self._gone_since = since

    def answered(self) -> None:
        """The keeper is there."""
        self._gone_since = None
