"""Reading requests from a client's connection, one after the other."""

import asyncio
from typing import TYPE_CHECKING, Final

from masugata.edge import answers, counters
from masugata.edge.connection import ANSWERING, BUFFERING, HEAD, LINGERING, STREAMING, TUNNEL, Connection
from masugata.edge.counters import REQUESTS
from masugata.edge.forwarding import Origin
from masugata.edge.http import CHUNKED, BadMessageError, RequestHead, parse_request
from masugata.edge.http.body import Body, ChunkedBody, LengthBody
from masugata.edge.http.names import BARE
from masugata.edge.http.request import check_request_line

if TYPE_CHECKING:
    from masugata.edge.site import Site

_AHEAD: Final = 65_536  # bytes of further requests that wait, unread, for their turn
_AT_ONCE: Final = 16  # requests that one connection has answered before others have their turn
_UPGRADES: Final = frozenset((b"websocket",))


class RequestReader(Connection):
    """What `ClientConnection` stands on: a request is read as far as it is inspected, and then decided about.

    One request at a time is on its way; what a client sends ahead waits.
    """

    __slots__ = (
        "_advancing", "_body", "_checked", "_finished", "_held", "_pieces", "_searched", "closes",
        "method", "old", "request", "sent", "size", "source", "upgrade",
    )  # fmt: skip

    def __init__(
        self, site: "Site", origin: Origin | None = None, behind: tuple[str, int] | None = None
    ) -> None:
        super().__init__(site, origin, behind)
        self._held: bytes | bytearray = b""
        self._searched = 0
        self._checked = False
        self._advancing = False
        self._finished = False
        self._pieces: list[bytes] = []
        self.closes = False
        """Whether the connection ends with the current answer."""
        self.request: RequestHead | None = None
        self.size = 0
        """Bytes of the body that have come."""
        self._body: Body | None = None
        self.sent = True
        """Whether the whole request has been read and passed on."""

    def _decide(self, request: RequestHead, body: bytes, size: int) -> None:
        raise NotImplementedError

    def _stream(self, request: RequestHead, payload: bytes, *, done: bool) -> None:
        raise NotImplementedError

    def _through(self, data: bytes) -> None:
        raise NotImplementedError

    def _refuse(self, counter: int, status: int, reason: str) -> None:
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        """Take bytes, for whatever they are."""
        state = self.state
        if state == HEAD:
            if self._held:
                self._held += data
            else:
                self._held = data
            if not self._advancing:
                self._advance()
            if len(self._held) > _AHEAD and self.state in (HEAD, ANSWERING) and self._enough:
                self._read(on=False)
        elif state == ANSWERING:
            self._held += data
            if len(self._held) > _AHEAD:
                self._read(on=False)
        elif state == TUNNEL:
            self._through(data)
        elif state == LINGERING:
            self._lingering(data)
        else:
            self._take_body(data)

    def eof_received(self) -> bool:
        """A client that has sent its last request may still wait for its answer."""
        self._finished = True
        if self.state == HEAD and self._held:
            self._advance()
        return self.state == ANSWERING or (self.state == HEAD and bool(self._held))

    def _advance(self) -> None:
        """Read the requests that are there, until one has to be waited for."""
        self._advancing = True
        try:
            for _ in range(_AT_ONCE):
                if self.state != HEAD or not self._held or self._write_paused or not self._read_head():
                    return
            if self.state == HEAD and self._held and not self.gone:
                asyncio.get_running_loop().call_soon(self._advance_later)
        except BadMessageError as error:
            self._malformed(error)
        finally:
            self._advancing = False
            if self._paused and self.state <= BUFFERING and not (self._write_paused or self._enough):
                self._read(on=True)

    @property
    def _enough(self) -> bool:
        """Whether so much waits that whole requests are among it: their turn comes before more is read."""
        return len(self._held) > max(_AHEAD, self.site.limits.maximum_head)

    def _advance_later(self) -> None:
        if self.state == HEAD and not (self._advancing or self.gone):
            self._advance()

    def _read_head(self) -> bool:
        held = self._held
        limits = self.site.limits
        end = held.find(b"\r\n\r\n", self._searched)
        if end < 0 or end > limits.maximum_head:
            self._unfinished(held)
            return False
        if isinstance(held, bytearray):  # its beginning had come before
            held = bytes(held)
            self._searched = 0
            self._checked = False
        self._held = held[end + 4 :]
        request = parse_request(held[:end], limits.maximum_headers, limits.maximum_request_line)
        self.edge.counters[REQUESTS] += 1
        self._begin(request)
        return True

    def _unfinished(self, held: bytes | bytearray) -> None:
        """The head is not whole: see that it can still become one, without looking at a byte twice."""
        if self._finished:
            self.close()
            return
        if len(held) > self.site.limits.maximum_head:
            raise BadMessageError("the head is too long", 431)
        if self._searched == 0:
            self.deadline = self.edge.tick + self.site.limits.head_seconds + 1
            if not 65 <= held[0] <= 90:
                raise BadMessageError("the request line is not one of HTTP/1.1")
        if BARE.search(held, max(0, self._searched - 1)):
            raise BadMessageError("a CR or LF that ends no line")
        if not self._checked and (end := held.find(b"\r\n")) >= 0:
            self._checked = True
            check_request_line(bytes(held[:end]))
        self._searched = max(1, len(held) - 3)
        self._held = bytearray(held) if isinstance(held, bytes) else held

    def _begin(self, request: RequestHead) -> None:
        origin = self.origin
        self.request = request
        self.source = origin.source(request) if request.forwarded else origin.address
        self.method = request.method
        self.old = request.old
        self.upgrade = request.upgrade
        if request.closes:
            self.closes = True
        if request.upgrade is not None:
            self._offer(request)
        length = request.length
        if length == 0:
            self._decide(request, b"", 0)
            return
        limits = self.site.limits
        if length > limits.maximum_body:
            raise BadMessageError("the body is too long", 413)
        self.sent = False
        self._body = ChunkedBody() if length == CHUNKED else LengthBody(length)
        self._pieces = []
        self.state = BUFFERING
        self.deadline = self.edge.tick + limits.body_seconds + 1
        if request.expects and not self._held:
            self.write(answers.CONTINUE)
        data, self._held = bytes(self._held), b""
        self._take_body(data)

    def _offer(self, request: RequestHead) -> None:
        """An offer to change the protocol is passed on for WebSockets alone; others are none to us."""
        offered = (request.upgrade or b"").lower()
        if offered not in _UPGRADES or request.method != b"GET" or request.old:
            self.upgrade = request.upgrade = None
        elif request.length:
            raise BadMessageError("a body with an offer to change the protocol")

    def _take_body(self, data: bytes) -> None:
        body, request = self._body, self.request
        assert body is not None and request is not None  # noqa: PT018, S101  # INVARIANT: of these states
        try:
            payload, self._held = body.feed(data)
        except BadMessageError as error:
            self._malformed(error)
            return
        self.size += len(payload)
        if self.size > self.site.limits.maximum_body:
            self._malformed(BadMessageError("the body is too long", 413))
        elif self.state == STREAMING:
            self._stream(request, payload, done=body.done)
        else:
            self._pieces.append(payload)
            most = self.site.plans.inspected_body
            # More than what is inspected of chunks, so that it is known to be more.
            if body.done or self.size > most or (self.size == most and request.length != CHUNKED):
                whole = b"".join(self._pieces)
                self._pieces = []
                size = self.size if request.length == CHUNKED else request.length
                self._decide(request, whole, size)

    def _malformed(self, error: BadMessageError) -> None:
        self._refuse(counters.MALFORMED, error.status, error.defect)
