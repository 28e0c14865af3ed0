"""The one question that the edge asks of each request."""

from typing import Final, Protocol

from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest
from masugata.errors import MasugataError

NO_PLAN: Final = "there is no plan to inspect it by"


class NotInspectedError(MasugataError):
    """A request cannot be decided about; the text says what is missing."""


class NoPlanError(NotInspectedError):
    """There is no plan yet. Only such requests may be let through, by who says so: see `fail_open`."""

    def __init__(self) -> None:
        super().__init__(NO_PLAN)


class Inspector(Protocol):
    """Decides about requests, one at a time and at once: it waits for nothing."""

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Decide about a request that came at `now`, seconds since 1970.

        Whatever it raises refuses the request, and `NoPlanError` too unless those may pass.
        """
