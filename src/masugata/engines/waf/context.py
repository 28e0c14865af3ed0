"""What one evaluation knows: the request, the world, and what was found so far."""

from collections.abc import Container
from datetime import datetime

from masugata.engines.waf.detectors import Account
from masugata.engines.waf.environment import Environment, Location
from masugata.engines.waf.parsed import ParsedRequest


class Context:
    """State of one evaluation. `candidates` is a bit for each rule that may match, the first rule's lowest.

    `fired` holds what each lookup found, None before it looked; all detectors spend from one `account`.
    `doubted`: the answer of the rule that was asked last may come of not knowing; `doubtful` are the labels
    that were added so.
    """

    __slots__ = (
        "account",
        "candidates",
        "doubted",
        "doubtful",
        "environment",
        "fired",
        "found",
        "labels",
        "located",
        "now",
        "oversize",
        "parsed",
    )

    def __init__(
        self, parsed: ParsedRequest, environment: Environment, now: datetime, lookups: int, candidates: int
    ) -> None:
        """Nothing is looked at yet."""
        self.parsed = parsed
        self.environment = environment
        self.now = now
        self.candidates = candidates
        self.account = Account()
        self.doubted = False
        self.doubtful: set[str] = set()
        self.fired: list[Container[int] | None] = [None] * lookups
        self.labels: dict[str, None] = {}
        self.oversize: dict[str, None] = {}
        self.located: dict[str, Location] = {}
        self.found: dict[object, object] = {}

    def aside(self) -> "Context":
        """The same, for a question that is not part of the evaluation: what it spends is not missed."""
        other = Context(self.parsed, self.environment, self.now, 0, self.candidates)
        other.account.left = self.account.left
        other.fired = list(self.fired)
        other.labels, other.doubtful = dict(self.labels), set(self.doubtful)
        other.found = dict(self.found)
        return other

    def locate(self, address: str) -> Location:
        """What is known of an address, asked once."""
        found = self.located.get(address)
        if found is None:
            found = self.located[address] = self.environment.locations.locate(address)
        return found
