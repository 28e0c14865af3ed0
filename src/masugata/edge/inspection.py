"""The one question that the edge asks of each request."""

from typing import Protocol

from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest


class Inspector(Protocol):
    """Decides about requests, one at a time and at once: it waits for nothing."""

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Decide about a request that came at `now`, seconds since 1970.

        Whatever it raises refuses the request.
        """
