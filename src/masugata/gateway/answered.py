"""Answers that are there at once."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from masugata.wire import HttpResponse


class Answered(Future[HttpResponse]):
    """A future that is done from the beginning.

    Nobody can have to wait for it, so it is without the lock and the state of others, which take a
    fiftieth of a request's time.
    """

    def __init__(self, response: HttpResponse) -> None:
        self._response = response

    def __repr__(self) -> str:
        return f"<Answered {self._response.status}>"

    def cancel(self) -> bool:
        """Too late."""
        return False

    def cancelled(self) -> bool:
        """Never."""
        return False

    def running(self) -> bool:
        """Not any more."""
        return False

    def done(self) -> bool:
        """Always."""
        return True

    def result(self, timeout: float | None = None) -> HttpResponse:  # noqa: ARG002  as every future has it
        """The answer."""
        return self._response

    def exception(self, timeout: float | None = None) -> None:
        """None."""

    def add_done_callback(self, fn: Callable[[Future[HttpResponse]], Any]) -> None:
        """Call it now."""
        fn(self)
