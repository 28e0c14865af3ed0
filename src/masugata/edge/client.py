"""A client's connection: requests come one after the other, are inspected, and go on to an upstream."""

import asyncio
import logging
import re
import time
from typing import TYPE_CHECKING, Final

from masugata.edge import answers, counters
from masugata.edge.connection import (
    ANSWERING,
    BUFFERING,
    HEAD,
    LINGERING,
    STREAMING,
    TUNNEL,
    Connection,
)
from masugata.edge.forwarding import LAST_CHUNK, Origin, chunk, upstream_head
from masugata.edge.http import CHUNKED, BadMessageError, RequestHead, parse_request
from masugata.edge.http.body import Body, ChunkedBody, LengthBody
from masugata.edge.http.request import check_request_line
from masugata.engines.waf.request import WebRequest

if TYPE_CHECKING:
    from masugata.edge.site import Site
    from masugata.edge.upstream import UpstreamConnection

_AHEAD: Final = 65_536  # bytes of further requests that wait, unread, for their turn
_AT_ONCE: Final = 16  # requests that one connection has answered before others have their turn
_SAFE: Final = frozenset((b"GET", b"HEAD", b"OPTIONS"))
_UPGRADES: Final = frozenset((b"websocket",))
_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n|\Z)")

_log = logging.getLogger("masugata.edge")


class ClientConnection(Connection):
    """Reads requests, has them decided about, and gives their answers in the order of the requests.

    One request at a time is on its way; what a client sends ahead waits.
    """

    __slots__ = (
        "_advancing", "_body", "_checked", "_held", "_outgoing", "_pieces", "_progress", "_responding", "_retried",
        "_searched", "action", "closes", "method", "old", "request", "sent", "size", "status", "tunnel",
        "upgrade",
    )  # fmt: skip

    def __init__(self, site: "Site", origin: Origin | None = None) -> None:
        super().__init__(site, origin)
        self._held: bytes | bytearray = b""
        self._searched = 0
        self._checked = False
        self._advancing = False
        self._pieces: list[bytes] = []
        self._outgoing: bytes | None = None
        self.closes = False
        self.tunnel = False
        self.action = "NONE"
        self._reset()

    def _reset(self) -> None:
        self.request: RequestHead | None = None
        self._body: Body | None = None
        self.size = 0
        self._responding = False
        self._retried = False
        self.sent = True
        """Whether the whole request has been read and passed on."""

    # What the client sends.

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
        elif state == ANSWERING:
            self._held += data
            if len(self._held) > _AHEAD:
                self._read(on=False)
        elif state == TUNNEL:
            self.deadline = self.edge.tick + self.site.limits.tunnel_seconds
            if self._upstream is not None:
                self._upstream.write(data)
        elif state == LINGERING:
            self._lingering(data)
        else:
            self._take_body(data)

    def eof_received(self) -> bool:
        """A client that has sent its last request may still wait for its answer."""
        if self.state != ANSWERING:
            return False
        self.closes = True
        return True

    def _advance(self) -> None:
        """Read the requests that are there, until one has to be waited for."""
        self._advancing = True
        try:
            for _ in range(_AT_ONCE):
                if self.state != HEAD or not self._held or self._write_paused or not self._read_head():
                    return
            if self.state == HEAD and self._held:
                asyncio.get_running_loop().call_soon(self._advance_later)
        except BadMessageError as error:
            self._malformed(error)
        finally:
            self._advancing = False

    def _advance_later(self) -> None:
        if self.state == HEAD and not self._advancing:
            self._advance()

    def _read_head(self) -> bool:
        held = self._held
        limits = self.site.limits
        end = held.find(b"\r\n\r\n", self._searched)
        if end < 0 or end > limits.maximum_head:
            self._unfinished(held)
            return False
        self._held = bytes(held[end + 4 :])
        self._searched = 0
        self._checked = False
        request = parse_request(bytes(held[:end]), limits.maximum_headers, limits.maximum_request_line)
        self.edge.counters[counters.REQUESTS] += 1
        self._begin(request)
        return True

    def _unfinished(self, held: bytes | bytearray) -> None:
        """The head is not whole: see that it can still become one, without looking at a byte twice."""
        if len(held) > self.site.limits.maximum_head:
            raise BadMessageError("the head is too long", 431)
        if self._searched == 0:
            self.deadline = self.edge.tick + self.site.limits.head_seconds + 1
            if not 65 <= held[0] <= 90:
                raise BadMessageError("the request line is not one of HTTP/1.1")
        if _BARE.search(held, max(0, self._searched - 1)):
            raise BadMessageError("a CR or LF that ends no line")
        if not self._checked and (end := held.find(b"\r\n")) >= 0:
            self._checked = True
            check_request_line(bytes(held[:end]))
        self._searched = max(1, len(held) - 3)
        self._held = bytearray(held) if isinstance(held, bytes) else held

    def _begin(self, request: RequestHead) -> None:
        self._reset()
        self.request = request
        self.method = request.method
        self.old = request.old
        self.closes = self.closes or request.closes
        self.upgrade = request.upgrade
        length = request.length
        if self.upgrade is not None:
            self._offer(request)
        if length == 0:
            self._decide(request, b"", 0)
            return
        if length > self.site.limits.maximum_body:
            raise BadMessageError("the body is too long", 413)
        self.sent = False
        self._body = ChunkedBody() if length == CHUNKED else LengthBody(length)
        self._pieces = []
        self.state = BUFFERING
        self.deadline = self.edge.tick + self.site.limits.body_seconds + 1
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
            most = self.site.limits.inspected_body
            # More than what is inspected of chunks, so that it is known to be more.
            if body.done or self.size > most or (self.size == most and request.length != CHUNKED):
                whole = b"".join(self._pieces)
                self._pieces = []
                size = self.size if request.length == CHUNKED else request.length
                self._decide(request, whole, size)

    def _stream(self, request: RequestHead, payload: bytes, *, done: bool) -> None:
        upstream = self._upstream
        data = chunk(payload) if request.length == CHUNKED else payload
        if done:
            self.sent = True
            self.state = ANSWERING
            self.deadline = self.edge.tick + self.site.limits.response_seconds + 1
            if request.length == CHUNKED:
                data += LAST_CHUNK
        if upstream is not None:
            upstream.write(data)
        else:  # not connected yet, and reading is paused: what the loop had read already
            self._outgoing = (self._outgoing or b"") + data
        if not done and (upstream is None or upstream.full):
            self._read(on=False)

    # What becomes of a request.

    def _decide(self, request: RequestHead, body: bytes, size: int) -> None:
        """Have the request inspected: it goes on, or is answered here."""
        inspector = self.site.plans.inspector
        inserted: list[bytes] = []
        self.action = "ALLOW"
        if inspector is not None:
            try:
                web = self._web_request(request, body, size)
                decision = inspector.inspect(web, time.time())
                self.action = decision.action
                if decision.action == "ALLOW":
                    inserted = [answers.header_line(*header) for header in decision.inserted_headers]
                else:
                    keep = (
                        (self._body is None or self._body.done) and not self.closes and not self.edge.retiring
                    )
                    blocked = answers.decided(decision, keep=keep, bodiless=request.method == b"HEAD")
            except BadMessageError as error:
                self._malformed(error)
                return
            except Exception:
                _log.exception("the inspection of a request for %s failed", self.site.settings.name)
                self._refuse(counters.WITHOUT_PLAN, 503, "it could not be inspected")
                return
            if decision.action != "ALLOW":
                self.edge.counters[counters.BLOCKED] += 1
                self.closes = not keep
                self.sent = self._body is None or self._body.done
                self.write(blocked)
                self.exchange_done()
                return
        elif not self.site.limits.fail_open:
            self._refuse(counters.WITHOUT_PLAN, 503, "there is no plan to inspect it by")
            return
        self.edge.counters[counters.ALLOWED] += 1
        self._forward(request, body, inserted)

    def _web_request(self, request: RequestHead, body: bytes, size: int) -> WebRequest:
        path, _, query = request.target.partition(b"?")
        origin = self.origin
        return WebRequest(
            method=request.method,
            uri_path=path,
            query_string=query,
            http_version=b"1.0" if request.old else b"1.1",
            headers=tuple(request.headers),
            body=body[: self.site.limits.inspected_body],
            body_size=size,
            source_ip=origin.source(request),
            scheme=origin.scheme,
            ja3=origin.ja3,
            ja4=origin.ja4,
        )

    def _forward(self, request: RequestHead, body: bytes, inserted: list[bytes]) -> None:
        whole = self._body is None or self._body.done
        self.sent = whole
        self.state = ANSWERING if whole else STREAMING
        length = len(body) if whole else request.length
        data = upstream_head(request, self.origin, inserted, length)
        if body:
            data += chunk(body) if length == CHUNKED else body
        limits = self.site.limits
        self.deadline = self.edge.tick + (limits.response_seconds if whole else limits.body_seconds) + 1
        self._progress = self.size
        self._outgoing = data
        upstream = self.site.pool.acquire(self, safe=request.method in _SAFE and not body, fresh=False)
        if upstream is not None:
            self.upstream_ready(upstream)
        elif not whole:
            self._read(on=False)

    def upstream_ready(self, upstream: "UpstreamConnection") -> None:
        """Send the request, or what there is of it, over this connection."""
        self._upstream = upstream
        upstream.begin(self, self._outgoing or b"")
        if not (self.sent and self.method in _SAFE):
            self._outgoing = None
        if self.state == STREAMING and not upstream.full:
            self._read(on=True)

    def upstream_full(self, *, full: bool) -> None:
        """The upstream takes less than the client sends, or has caught up."""
        if self.state in (STREAMING, TUNNEL):
            self._read(on=not full)

    def upstream_lost(self, upstream: "UpstreamConnection") -> None:
        """The connection ended amid the exchange.

        Only a request without effect (RFC 9110, 9.2.1) and without a body is sent once more, and only if
        the connection had been used before and brought no byte: its other end had closed it already.
        """
        self._upstream = None
        if self.tunnel:
            self.close()
        elif (
            self._outgoing is not None
            and self._body is None
            and not (upstream.begun or self._retried)
            and upstream.requests > 1
        ):
            self._retried = True
            self.edge.counters[counters.UPSTREAM_RETRIES] += 1
            again = self.site.pool.acquire(self, safe=True, fresh=True)
            if again is not None:
                self.upstream_ready(again)
        else:
            self.upstream_failed("the upstream closed the connection", 502)

    def upstream_failed(self, reason: str, status: int) -> None:
        """Nothing more comes from an upstream for this request."""
        self._upstream = None
        if self.gone:
            return
        if self._responding:
            self.edge.counters[counters.UPSTREAM_FAILURES] += 1
            self.abort()
        else:
            _log.warning("%s: %s", self.site.settings.name, reason)
            self._refuse(counters.UPSTREAM_FAILURES, status, reason)

    # What the client is sent.

    def begin_response(self, status: int) -> bool:
        """An answer begins; whether the connection ends with it."""
        self.status = status
        self._responding = True
        self._outgoing = None
        self.closes = self.closes or self.edge.retiring or not self.sent
        return self.closes

    def begin_tunnel(self, data: bytes) -> None:
        """The upstream has agreed to change the protocol: from now on bytes are only passed on."""
        self.edge.counters[counters.TUNNELS] += 1
        self.status = 101
        self.tunnel = self._responding = True
        self.state = TUNNEL
        self.deadline = self.edge.tick + self.site.limits.tunnel_seconds
        self.write(data)
        early, self._held = bytes(self._held), b""
        self._read(on=True)
        if early and self._upstream is not None:
            self._upstream.write(early)

    def progressed(self) -> None:
        """Something of the answer has come."""
        if not self._write_paused:
            limits = self.site.limits
            self.deadline = (
                self.edge.tick + (limits.tunnel_seconds if self.tunnel else limits.response_seconds) + 1
            )

    def exchange_done(self, *, closes: bool = False) -> None:
        """The answer is whole: wait for the next request, or end."""
        self._upstream = None
        if self.edge.log is not None:
            self.edge.log.write(self)
        if not self.sent:
            self.linger()
        elif closes or self.closes:
            self.linger() if self._held else self.close()
        else:
            self.state = HEAD
            silence = self.edge.silence if self.edge.retiring else self.site.limits.idle_seconds
            self.deadline = self.edge.tick + silence
            if self._paused:
                self._read(on=True)
            if self._held and not self._advancing:
                self._advance()

    def resume_writing(self) -> None:
        """The client has caught up: its next request may be read."""
        super().resume_writing()
        if self.state == HEAD:
            self.deadline = self.edge.tick + self.site.limits.idle_seconds
            if self._held and not self._advancing:
                self._advance()

    def _malformed(self, error: BadMessageError) -> None:
        self._refuse(counters.MALFORMED, error.status, error.defect)

    def _refuse(self, counter: int, status: int, reason: str) -> None:
        """Answer that the request is not passed on, and end the connection."""
        self.edge.counters[counter] += 1
        self.action = "REFUSED"
        self.status = status
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            upstream.drop()
        if self._responding:
            self.abort()
            return
        bodiless = self.request is not None and self.request.method == b"HEAD"
        self.write(answers.refusal(status, reason, bodiless=bodiless))
        if self.edge.log is not None:
            self.edge.log.write(self)
        self.linger()

    # Time.

    def expire(self) -> None:
        """The client, or the upstream, was too slow for the state that the connection is in."""
        state = self.state
        if state == LINGERING:
            self._transport.abort()
        elif state == TUNNEL:
            self.close()
        elif self._write_paused:
            self._timed_out()
            self.abort()
        elif state == HEAD and not self._held:
            self.close()
        elif state == ANSWERING or (state == STREAMING and self._paused):
            if self._upstream is not None:
                self._upstream.upstream.failed(self.edge.tick)
                self._upstream.drop()
            self.upstream_failed("the upstream did not answer in time", 504)
        elif state == STREAMING and self._fast_enough():
            self.deadline = self.edge.tick + self.site.limits.body_seconds
        else:
            self._timed_out()
            self._refuse(counters.MALFORMED, 408, "the request did not come in time")

    def _fast_enough(self) -> bool:
        came, self._progress = self.size - self._progress, self.size
        return came >= self.site.limits.minimum_rate * self.site.limits.body_seconds

    def retire(self) -> None:
        """End with what is running; a connection that is silent has a while."""
        if self.state == HEAD and not self._held:
            self.deadline = min(self.deadline, self.edge.tick + self.edge.silence)
