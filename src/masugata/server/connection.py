"""A connection of HTTP/1.1, with bounds on the time, the size and the number of what strangers send."""

import asyncio
import http
import logging
import resource
from collections import deque
from typing import ClassVar

import httptools
import uvicorn
from uvicorn.protocols.utils import get_remote_addr, is_ssl
from uvicorn.server import ServerState

from masugata.errors import AwsError
from masugata.server.request import Answering, Request, too_large
from masugata.server.responses import response_bytes
from masugata.wire import HttpResponse

HEAD_LIMIT = 65_536  # bytes of request line and headers
REQUEST_SECONDS = 60.0  # for a whole request to arrive, and for its answer to be taken
STOP_SECONDS = 1.0  # for clients to agree to the end of a connection when the server stops
# A body of one-byte chunks weighs six times what it holds.
_CHUNKING = 8

_log = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """One connection, over which requests come one after the other; made by uvicorn's server.

    httptools gathers a header, a trailer and a chunk extension however long they are, and waits for the rest
    of a request however long it takes. Here a request is refused (431, 413, 408) and its connection closed
    instead. Trailers are dropped: nobody between us and the client has looked at them, so they must not
    count as headers. Requests that come before the last one has its answer wait in a row, and no further
    ones are read; nor is one begun whose answers its client does not take.
    """

    answering: ClassVar[Answering]
    maximum_body: ClassVar[int] = 1_048_576
    maximum_connections: ClassVar[int] = 512
    retiring: ClassVar[bool] = False
    """Whether the server leaves its work to others, so that each answer ends its connection."""

    transport: asyncio.Transport

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, object],  # noqa: ARG002  # uvicorn gives it
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = _loop or asyncio.get_running_loop()
        self._state = server_state
        self._idle_seconds = config.timeout_keep_alive
        self._parser = httptools.HttpRequestParser(self)
        # Who asks for the end of the connection may have sent more; their request is answered all the same.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.peer, self.secure = "", False
        self._url = b""
        self._headers: list[tuple[str, str]] = []
        self._expects = False  # a word of ours before the body
        self._arriving: Request | None = None  # whose head has come last
        self._current: Request | None = None  # the one to be answered next
        self._row: deque[Request] = deque()  # those behind it
        self._writable = True
        self._deadline: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._begun = False  # the current request's first byte was seen, its last was not
        self._in_head = False
        self._fresh = False  # it began with the last bytes that came
        self._stopping = False
        self._weight = 0  # bytes of the current request, but for those that came together with its first one
        self._head_size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless there are too many: files for the database must be left."""
        self.transport = transport
        self._state.connections.add(self)  # type: ignore[arg-type]  # which has uvicorn's own kinds alone
        self.peer, self.secure = (get_remote_addr(transport) or ("",))[0], is_ssl(transport)
        if len(self._state.connections) > self.maximum_connections:
            transport.abort()
        else:
            self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # whatever ended it
        """Forget the connection, and what has not come whole; what is being done is done."""
        self._stop_deadline()
        self._stop_idle()
        self._state.connections.discard(self)
        self._current = self._arriving = None
        self._row.clear()
        del self._parser  # it knows the connection

    def data_received(self, data: bytes) -> None:
        """Take bytes: the rest of a request, the next one, or several."""
        self.answering.moved()
        self._stop_idle()
        self._fresh = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # we stay with HTTP/1.1; what strangers offer is not worth a line in the log
        except httptools.HttpParserError:
            self._refuse(http.HTTPStatus.BAD_REQUEST)
        if self.transport.is_closing():
            return
        if self._begun or self._last() is None:
            if self._deadline is None:
                self._start_deadline()
        elif self._current is None:
            self._start_idle()  # there are answers to be taken first
        if self._fresh or not self._begun:
            return
        self._weight += len(data)
        if self._in_head and self._weight > HEAD_LIMIT:
            self._refuse(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._weight > HEAD_LIMIT + _CHUNKING * self.maximum_body:
            self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Note the first byte of a request."""
        self._begun = self._in_head = self._fresh = True
        self._weight = self._head_size = 0
        self._url, self._headers, self._expects = b"", [], False
        self._arriving = None

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the body is none."""
        if not self._in_head:
            return
        self._head_size += len(name) + len(value)
        lower = name.lower().decode("latin-1")
        self._headers.append((lower, value.decode("latin-1")))
        if lower == "expect" and value.lower() == b"100-continue":
            self._expects = True

    def on_headers_complete(self) -> None:
        """Admit a request or not; only a proxy or a tunnel is asked for anything but a path."""
        self._in_head = False
        if self.transport.is_closing():  # whose client was told so, or is not there any more
            return
        parser = self._parser
        if not self._url.startswith(b"/"):
            raise ValueError("the request target is not a path")
        upgrade = parser.should_upgrade()
        # httptools reads neither a body nor another request after such an offer.
        if upgrade and any(name in ("content-length", "transfer-encoding") for name, _ in self._headers):
            raise ValueError("a body cannot follow an offer to change the protocol")
        url = httptools.parse_url(self._url)
        request = Request(
            self,
            parser.get_method().decode("ascii"),
            url.path.decode("ascii"),
            (url.query or b"").decode("latin-1"),
        )
        one_only = upgrade or self.retiring or parser.get_http_version() == "1.0"
        request.goes_on = not one_only and parser.should_keep_alive()
        request.waits = self._expects
        request.headers = tuple(self._headers)
        self._admit(request)
        self._arriving = request
        if self._current is None and self._writable:
            self._begin(request)
        else:
            if not self._row:
                self.transport.pause_reading()
            self._row.append(request)

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        request = self._arriving
        if request is None or request.refusal is not None:
            return
        request.size += len(body)
        request.waits = False
        if request.size <= self.maximum_body:
            request.body += body
            return
        request.refuse(too_large(self.maximum_body))
        if request is self._current:
            self._begin(request)

    def on_message_complete(self) -> None:
        """Note the last byte of a request, and have it answered if it is its turn."""
        self._begun = False
        self._stop_deadline()
        request = self._arriving
        if request is None:
            return
        request.complete = True
        if request is self._current and request.refusal is None:
            self.answering.answer(request)

    def pause_writing(self) -> None:
        """Begin no further request: the client does not take its answers."""
        self._writable = False

    def resume_writing(self) -> None:
        """Go on with those that wait."""
        self._writable = True
        if self._current is None and self._row and not self.transport.is_closing():
            self._stop_idle()
            self._begin_next()

    def reply(self, request: Request, response: HttpResponse) -> None:
        """Send the answer to the current request, and go on with the next; nothing if nobody is there."""
        self.answering.moved()
        if request is not self._current or self.transport.is_closing():
            return
        further = b"".join(b"%b: %b\r\n" % header for header in self._state.default_headers)
        head, close = request.method == "HEAD", not request.goes_on
        try:
            written = response_bytes(response, further, head=head, close=close)
        except ValueError:
            _log.exception("an answer cannot be sent")
            request.goes_on = False
            written = response_bytes(HttpResponse(status=500), further, head=head, close=True)
        self._current = None
        self.transport.write(written)
        if not request.goes_on:
            self._close()
        elif self._row and self._writable:
            self._begin_next()
        else:
            self._start_idle()

    def retire(self) -> None:
        """End with the answer to the last request that has come, or to the next one, and say so in it."""
        if (last := self._last()) is not None:
            last.goes_on = False

    def shutdown(self) -> None:
        """Close when the server stops; a TLS client that is idle would let us wait for its goodbye."""
        self._stopping = True
        if (last := self._last()) is not None:
            last.goes_on = False
        else:
            self._close()

    def _last(self) -> Request | None:
        return self._row[-1] if self._row else self._current

    def _admit(self, request: Request) -> None:
        """Refuse what is wrong with a request before its body is read."""
        if self._head_size > HEAD_LIMIT:
            request.refuse(
                AwsError("RequestHeaderSectionTooLarge", "The request's headers are too large.", 431)
            )
            return
        # What is coded otherwise too we could only read as something that it is not.
        codings = [value.strip().lower() for name, value in request.headers if name == "transfer-encoding"]
        if codings not in ([], ["chunked"]):
            request.refuse(
                AwsError("NotImplemented", "The only transfer coding that is understood is chunked.", 501)
            )
            return
        try:
            admitted = self.answering.admit(request.headers, self.peer, secure=self.secure)
            request.source_ip, request.secure = admitted
        except AwsError as error:
            request.refuse(error)

    def _begin(self, request: Request) -> None:
        """It is this one's turn, as far as it has come."""
        self._current = request
        if request.refusal is not None:
            request.reply(self.answering.refuse(request.http(), request.refusal))
        elif request.complete:
            self.answering.answer(request)
        elif request.waits:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _begin_next(self) -> None:
        request = self._row.popleft()
        if not self._row:
            self.transport.resume_reading()
        self._begin(request)

    def _idle_too_long(self) -> None:
        """Close an idle connection, at once if the client has not even taken its answer."""
        self._idle = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        self.transport.close()

    def _start_deadline(self) -> None:
        self._stop_deadline()
        seconds = STOP_SECONDS if self._stopping else REQUEST_SECONDS
        self._deadline = self._loop.call_later(seconds, self._too_late)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _start_idle(self) -> None:
        self._idle = self._loop.call_later(self._idle_seconds, self._idle_too_long)

    def _stop_idle(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            self.transport.abort()
        elif self._row and self._current is not None:
            self._start_deadline()  # we are late, and do not read what its client may have sent
        elif self._begun:
            self._refuse(http.HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._close()

    def _refuse(self, status: http.HTTPStatus) -> None:
        """End the connection; say why where that cannot be taken for the answer to another request."""
        if self.transport.is_closing():
            return
        in_body = self._begun and not self._in_head and self._current is self._arriving is not None
        if in_body or self._last() is None:
            headers = b"".join(b"%b: %b\r\n" % header for header in self._state.default_headers)
            self.transport.write(
                b"HTTP/1.1 %d %b\r\n%bcontent-length: 0\r\nconnection: close\r\n\r\n"
                % (status, status.phrase.encode(), headers)
            )
        self._close()

    def _close(self) -> None:
        """Close once what was written has been taken, and in any case after a while."""
        self._current = None
        self._row.clear()
        self.transport.close()
        self._start_deadline()


def connection_class(answering: Answering, maximum_body: int) -> type[Connection]:
    """`Connection` with the limits of a server, whose requests are answered by `answering`.

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
            "answering": answering,
            "maximum_body": maximum_body,
            "maximum_connections": max(1, min(files // 2, 16_384)),
        },
    )
