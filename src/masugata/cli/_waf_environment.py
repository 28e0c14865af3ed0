"""The world around recorded requests: clocks are those of the records, and nobody solved a challenge."""

from collections import OrderedDict, deque
from datetime import datetime
from typing import Literal

from masugata.engines.waf.environment import Environment, TokenState
from masugata.feeds import Feeds

MOST_KEYS = 100_000
"""Keys of rates that are counted at the same time; the one that was seen longest ago goes."""


class ReplayedRates:
    """Counts requests by their own times, exactly.

    A request that was recorded without a time is not counted, so no rate limits it.
    """

    def __init__(self) -> None:
        """`now` is to be set before each evaluation."""
        self.now: datetime | None = None
        self._times: OrderedDict[tuple[str, bytes], deque[float]] = OrderedDict()

    def count(self, rule: str, key: bytes, window: int, limit: int) -> int:
        """Of this key within the window, but no more than one above the limit."""
        if self.now is None:
            return 0
        now = self.now.timestamp()
        times = self._times.setdefault((rule, key), deque(maxlen=limit + 1))
        self._times.move_to_end((rule, key))
        if len(self._times) > MOST_KEYS:
            self._times.popitem(last=False)
        times.append(now)
        while times and times[0] <= now - window:
            times.popleft()
        return len(times)


class NoTokens:
    """No token is genuine here: the key that signs them is the server's."""

    def state(
        self,
        token: bytes | None,
        purpose: Literal["CHALLENGE", "CAPTCHA"],  # noqa: ARG002 - the protocol's
        immunity: int,  # noqa: ARG002
        host: bytes,  # noqa: ARG002
    ) -> TokenState:
        """Missing, or not to be believed."""
        return "TOKEN_MISSING" if token is None else "TOKEN_INVALID"

    def identity(self, token: bytes | None) -> str | None:  # noqa: ARG002 - the protocol's
        """Nobody's."""
        return None


def offline_environment() -> tuple[Environment, ReplayedRates]:
    """An environment, and its rates, which are to be told the time; places are those that come with us."""
    rates = ReplayedRates()
    return Environment(Feeds(None).locations(), rates, NoTokens()), rates
