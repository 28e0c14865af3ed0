"""Who is told how requests ended."""

from typing import TYPE_CHECKING, Protocol

from masugata.wire import HttpResponse

if TYPE_CHECKING:
    from masugata.gateway.exchange import Exchange


class Observer(Protocol):
    """Told of every answer once it may leave, in whichever thread made it; must be quick and not raise."""

    def answered(self, exchange: "Exchange", response: HttpResponse, seconds: float) -> None:
        """An exchange has its answer, `seconds` after it began."""
        ...

    def refused(self, status: int, code: str, request_id: str) -> None:
        """A request was refused before anybody knew what it asked for."""
        ...
