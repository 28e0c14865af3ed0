"""Requests on their connections, and who answers them."""

from typing import TYPE_CHECKING, Protocol

from masugata.errors import AwsError
from masugata.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from masugata.server.connection import Connection


class Answering(Protocol):
    """Who answers the requests of connections."""

    def admit(self, headers: tuple[tuple[str, str], ...], peer: str, *, secure: bool) -> tuple[str, bool]:
        """Where a request comes from and whether over TLS, once its head is there; raises `AwsError`."""
        ...

    def refuse(self, http: HttpRequest, error: AwsError) -> HttpResponse:
        """The answer to a request that is not admitted; its connection ends with it."""
        ...

    def answer(self, request: "Request") -> None:
        """Have a request answered that has come whole; not before this has returned."""
        ...

    def moved(self) -> None:
        """Called when bytes have come in on any connection, and when an answer has gone out."""
        ...


class Request:
    """One request on its connection.

    `goes_on` says whether the connection does after it, `waits` whether its client does, before the body.
    """

    __slots__ = (
        "_connection", "body", "complete", "goes_on", "headers", "method", "path", "query", "refusal",
        "secure", "size", "source_ip", "waits",
    )  # fmt: skip

    def __init__(self, connection: "Connection", method: str, path: str, query: str) -> None:
        self._connection = connection
        self.method = method
        self.path = path
        self.query = query
        self.headers: tuple[tuple[str, str], ...] = ()
        self.source_ip = connection.peer
        self.secure = connection.secure
        self.body = bytearray()  # pieces apart would each weigh more than many a piece holds
        self.size = 0
        self.complete = self.waits = False
        self.goes_on = True
        self.refusal: AwsError | None = None

    def refuse(self, error: AwsError) -> None:
        """It is answered by this alone, and the connection ends: an unread body would follow on it."""
        self.refusal = error
        self.goes_on = False
        self.body.clear()

    def http(self) -> HttpRequest:
        """The request as the gateway takes it, as far as it has come."""
        return HttpRequest(
            method=self.method,
            path=self.path,
            query=self.query,
            headers=self.headers,
            body=bytes(self.body),
            source_ip=self.source_ip,
            secure=self.secure,
        )

    def reply(self, response: HttpResponse) -> None:
        """Send the answer, if the client is still there; once, and in the event loop's thread."""
        self._connection.reply(self, response)


def too_large(limit: int) -> AwsError:
    """The error of a body of more than `limit` bytes."""
    return AwsError("RequestEntityTooLarge", f"The request body exceeds {limit} bytes.", 413)
