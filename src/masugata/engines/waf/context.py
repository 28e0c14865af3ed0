"""What one evaluation knows: the request, the world, and what was found so far."""

from collections.abc import Container
from datetime import datetime

from masugata.engines.waf.detectors import Account
from masugata.engines.waf.environment import Environment, Location
from masugata.engines.waf.parsed import ParsedRequest


class Context:
    """State of one evaluation. `candidates` is a bit for each rule that may match, the first rule's lowest.

    `fired` holds what each lookup found, None before it looked; all detectors spend from one `account`.
    """

    __slots__ = (
        "account",
        "candidates",
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
        self.fired: list[Container[int] | None] = [None] * lookups
        self.labels: dict[str, None] = {}
        self.oversize: dict[str, None] = {}
        self.located: dict[str, Location] = {}
        self.found: dict[object, object] = {}

    def locate(self, address: str) -> Location:
        """What is known of an address, asked once."""
        found = self.located.get(address)
        if found is None:
            found = self.located[address] = self.environment.locations.locate(address)
        return found
