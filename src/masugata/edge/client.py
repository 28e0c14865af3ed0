"""A client's connection: requests come one after the other, are inspected, and go on to an upstream."""

import logging
import time
from typing import TYPE_CHECKING, Final

from masugata.edge import answers, counters
from masugata.edge.connection import ANSWERING, HEAD, LINGERING, STREAMING, TUNNEL
from masugata.edge.counters import ALLOWED
from masugata.edge.forwarding import LAST_CHUNK, Origin, chunk, upstream_head
from masugata.edge.http import CHUNKED, RequestHead
from masugata.edge.reader import RequestReader
from masugata.engines.waf.request import WebRequest

if TYPE_CHECKING:
    from masugata.edge.outbox import Outbox
    from masugata.edge.site import Site
    from masugata.edge.upstream import UpstreamConnection

_SAFE: Final = frozenset((b"GET", b"HEAD", b"OPTIONS"))

_log = logging.getLogger("masugata.edge")


class ClientConnection(RequestReader):
    """Has requests decided about, and gives their answers in the order of the requests."""

    __slots__ = ("_outgoing", "_progress", "_responding", "_retried", "action", "status", "tunnel")

    def __init__(
        self, site: "Site", origin: Origin | None = None, behind: tuple[str, int] | None = None
    ) -> None:
        super().__init__(site, origin, behind)
        self.tunnel = False
        self._outgoing: bytes | None = None
        self._responding = False
        self._retried = False
        self.action = "NONE"

    # What becomes of a request.

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
            except Exception:  # noqa: BLE001  # whatever it is, the request was not inspected
                _log.exception("the inspection of a request for %s failed", self.site.settings.name)
                self._refuse(counters.WITHOUT_PLAN, 503, "it could not be inspected")
                return
            if decision.action != "ALLOW":
                self.edge.counters[counters.BLOCKED] += 1
                self.status = decision.response.status if decision.response is not None else 403
                self.closes = not keep
                self.sent = self._body is None or self._body.done
                self.write(blocked)
                self.exchange_done()
                return
        elif not self.site.limits.fail_open:
            self._refuse(counters.WITHOUT_PLAN, 503, self.site.plans.reason)
            return
        self.edge.counters[ALLOWED] += 1
        self._forward(request, body, inserted)

    def _web_request(self, request: RequestHead, body: bytes, size: int) -> WebRequest:
        path, _, query = request.target.partition(b"?")
        origin = self.origin
        return WebRequest(
            method=request.method,
            uri_path=path,
            query_string=query,
            http_version=b"1.0" if request.old else b"1.1",
            headers=request.headers,
            body=body[: self.site.plans.inspected_body],
            body_size=size,
            source_ip=self.source,
            scheme=origin.scheme_of(request),
            ja3=origin.ja3,
            ja4=origin.ja4,
        )

    def _forward(self, request: RequestHead, body: bytes, inserted: list[bytes]) -> None:
        limits = self.site.limits
        reading = self._body
        if reading is None or reading.done:
            self.sent = True
            self.state = ANSWERING
            length, seconds = len(body), limits.response_seconds
        else:
            self.state = STREAMING
            length, seconds = request.length, limits.body_seconds
        data = upstream_head(request, self.origin, inserted, length)
        if body:
            data += chunk(body) if length == CHUNKED else body
        self.deadline = self.edge.tick + seconds + 1
        self._progress = self.size
        self._outgoing = data
        upstream = self.site.pool.acquire(self, safe=not body and request.method in _SAFE, fresh=False)
        if upstream is not None:
            self.upstream_ready(upstream, None if self.site.plans.inspector is None else self.edge.outbox)
        elif not self.sent:
            self._read(on=False)

    @property
    def waits(self) -> bool:
        """Whether the request still wants a connection."""
        return not self.gone and self._upstream is None and self.state in (STREAMING, ANSWERING)

    def upstream_ready(self, upstream: "UpstreamConnection", outbox: "Outbox | None" = None) -> None:
        """Send the request, or what there is of it, over this connection."""
        self._upstream = upstream
        upstream.begin(self, self._outgoing or b"", outbox)
        if not self.sent or self.method not in _SAFE:
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
            _log.info("%s: %s", self.site.settings.name, reason)
            self._refuse(counters.UPSTREAM_FAILURES, status, reason)

    # What the client is sent.

    def begin_response(self, status: int) -> bool:
        """An answer begins; whether the connection ends with it."""
        self.status = status
        self._responding = True
        self._outgoing = None
        if self.edge.retiring or not self.sent:
            self.closes = True
        return self.closes

    def begin_tunnel(self, data: bytes) -> None:
        """The upstream has agreed to change the protocol: from now on bytes are only passed on."""
        self.edge.counters[counters.TUNNELS] += 1
        self.status = 101
        self.tunnel = self._responding = True
        self.state = TUNNEL
        self.deadline = self.edge.tick + self.site.limits.tunnel_seconds
        self.write(data)
        if self.edge.log is not None:
            self.edge.log.write(self)
        early, self._held = bytes(self._held), b""
        self._read(on=True)
        if early and self._upstream is not None:
            self._upstream.write(early)

    def _through(self, data: bytes) -> None:
        self.deadline = self.edge.tick + self.site.limits.tunnel_seconds
        if self._upstream is not None:
            self._upstream.write(data)

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
            # In stages (RFC 9112, 9.6): whoever still sends would be reset, and lose the answer.
            self.linger() if self._held or self._transport.can_write_eof() else self.close()
        else:
            self.state = HEAD
            self.request = self._body = self._outgoing = None
            self.size = 0
            self._responding = self._retried = False
            self.action = "NONE"
            edge = self.edge
            self.deadline = edge.tick + (edge.silence if edge.retiring else self.site.limits.idle_seconds)
            if self._held or self._paused:
                if not self._advancing:
                    self._advance()
            elif self._finished:
                self.close()

    def resume_writing(self) -> None:
        """The client has caught up: its next request may be read."""
        super().resume_writing()
        if self.state != HEAD:
            self.progressed()
            return
        self.deadline = self.edge.tick + self.site.limits.idle_seconds
        if (self._held or self._paused) and not self._advancing:
            self._advance()

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
        elif state == STREAMING and self._fast_enough():  # whichever of the two the pace is
            self.deadline = self.edge.tick + self.site.limits.body_seconds
        elif state == ANSWERING or (state == STREAMING and self._paused):
            if self._upstream is not None:
                self._upstream.upstream.failed(self.edge.tick)
                self._upstream.drop()
            self.upstream_failed("the upstream did not answer in time", 504)
        else:
            self._timed_out()
            self._refuse(counters.MALFORMED, 408, "the request did not come in time")

    def _fast_enough(self) -> bool:
        """Whether enough came; while reading is paused, that is what the upstream took, which is never 0."""
        came, self._progress = self.size - self._progress, self.size
        limits = self.site.limits
        return came >= max(limits.minimum_rate * limits.body_seconds, 1 if self._paused else 0)

    def retire(self) -> None:
        """End with what is running; a connection that is silent has a while."""
        if self.state == HEAD and not self._held:
            self.deadline = min(self.deadline, self.edge.tick + self.edge.silence)
