"""uvicorn's HTTP connection, with bounds on the time, the size and the number of what strangers send."""

import asyncio
import http
import logging
import resource
from collections.abc import Callable
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_LIMIT = 65_536  # bytes of request line and headers
REQUEST_SECONDS = 60.0  # for a whole request to arrive, and for its answer to be taken
STOP_SECONDS = 1.0  # for clients to agree to the end of a connection when the server stops
# A body of one-byte chunks weighs six times what it holds.
_CHUNKING = 8

# uvicorn warns of every request that is none: a line in the log for any stranger who wants one.
_log = logging.getLogger("masugata.http")
_log.setLevel(logging.ERROR)


class Connection(HttpToolsProtocol):
    """One connection, over which requests come one after the other.

    httptools gathers a header, a trailer and a chunk extension however long they are, and uvicorn waits
    for the rest of a request however long it takes. Here a request is refused (431, 413, 408) and its
    connection closed instead. Trailers are dropped: nobody between us and the client has looked at
    them, so they must not count as headers.
    """

    maximum_body: ClassVar[int] = 1_048_576
    maximum_connections: ClassVar[int] = 512
    retiring: ClassVar[bool] = False
    """Whether the server leaves its work to others, so that each answer ends its connection."""

    @staticmethod
    def moved() -> None:
        """Called when bytes have come in on any connection, and when an answer has gone out."""

    _deadline: asyncio.TimerHandle | None = None
    _begun = False  # the current request's first byte was seen, its last was not
    _in_head = False
    _stopping = False
    _weight = 0  # bytes of the current request, but for those that came together with its first one

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless there are too many: files for the database must be left."""
        super().connection_made(transport)
        self.logger = _log
        if len(self.connections) > self.maximum_connections:
            transport.abort()
        else:
            self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes: the rest of a request, the next one, or several."""
        self.moved()
        begun, waiting = self._begun, self._answered()
        if waiting and self._deadline is None:
            self._start_deadline()
        super().data_received(data)
        if not (begun and self._begun) or self.transport.is_closing():
            return
        self._weight += len(data)
        if self._in_head and self._weight > HEAD_LIMIT:
            self._refuse(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._weight > HEAD_LIMIT + _CHUNKING * self.maximum_body:
            self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Note the first byte of a request."""
        super().on_message_begin()
        self._begun = self._in_head = True
        self._weight = 0
        if self._deadline is None:
            self._start_deadline()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the body is none."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer; only a proxy or a tunnel is asked for anything but a path."""
        self._in_head = False
        if not self.url.startswith(b"/"):
            raise ValueError("the request target is not a path")
        if not self.parser.should_upgrade():
            super().on_headers_complete()
            if self.retiring:
                self.cycle.keep_alive = False
            return
        # We stay with HTTP/1.1, but httptools reads neither a body nor another request after such an offer.
        if any(name in (b"content-length", b"transfer-encoding") for name, _ in self.headers):
            raise ValueError("a body cannot follow an offer to change the protocol")
        super().on_headers_complete()
        self.cycle.keep_alive = False

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: what strangers offer is not worth two lines in the log."""

    def on_message_complete(self) -> None:
        """Note the last byte of a request."""
        self._begun = False
        self._stop_deadline()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the client to take the last answer."""
        self.moved()
        super().on_response_complete()
        if self.transport.is_closing():
            self._start_deadline()

    def retire(self) -> None:
        """End with the answer to the running request, or to the next one, and say so in it."""
        if not self._answered() and not self.cycle.response_started:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """Close when the server stops; a TLS client that is idle would let us wait for its goodbye."""
        self._stopping = True
        super().shutdown()
        if self.transport.is_closing():
            self._start_deadline()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, at once if the client has not even taken its answer."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _start_deadline(self) -> None:
        self._stop_deadline()
        seconds = STOP_SECONDS if self._stopping else REQUEST_SECONDS
        self._deadline = self.loop.call_later(seconds, self._too_late)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            self.transport.abort()
        elif self._begun:
            self._refuse(http.HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._close()

    def _refuse(self, status: http.HTTPStatus) -> None:
        """End the connection; say why where that cannot be taken for the answer to another request."""
        if self._answered() or not (self._in_head or self.pipeline or self.cycle.response_started):
            headers = b"".join(b"%b: %b\r\n" % header for header in self.server_state.default_headers)
            self.transport.write(
                b"HTTP/1.1 %d %b\r\n%bcontent-length: 0\r\nconnection: close\r\n\r\n"
                % (status, status.phrase.encode(), headers)
            )
        self._close()

    def _answered(self) -> bool:
        """Whether no request waits for its answer."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first
        return cycle is None or cycle.response_complete

    def _close(self) -> None:
        """Close once what was written has been taken, and in any case after a while."""
        self.transport.close()
        self._start_deadline()


def connection_class(maximum_body: int, moved: Callable[[], None] = lambda: None) -> type[Connection]:
    """`Connection` with the limits of a server, which tells `moved` what happens on each.

    Raises this process's limit of open files if it may.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    files = hard if hard != resource.RLIM_INFINITY else 1 << 20
    return type(
        "Connection",
        (Connection,),
        {
            "maximum_body": maximum_body,
            "maximum_connections": max(1, min(files // 2, 16_384)),
            "moved": staticmethod(moved),
        },
    )
