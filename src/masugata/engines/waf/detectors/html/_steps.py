"""How much is looked at in one value: markup and scripts draw on one account, so that the sum is bounded."""

# About a microsecond each. Honest documents of 64 KB take some hundreds.
MOST_STEPS = 2500


class TooLongError(Exception):
    """There is more that may act than is looked at."""


class Steps:
    """The work that was spent on one value, in all its readings."""

    def __init__(self, most: int = MOST_STEPS) -> None:
        """None yet."""
        self.taken = 0
        self._most = most

    def take(self, steps: int) -> None:
        """So many more.

        Raises:
            TooLongError: these are more than a value is worth.
        """
        self.taken += steps
        if self.taken > self._most:
            raise TooLongError
