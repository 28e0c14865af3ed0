"""One connection to an upstream: it carries one exchange at a time."""

import asyncio
from typing import TYPE_CHECKING

from masugata.edge.forwarding import LAST_CHUNK, chunk
from masugata.edge.http import BadMessageError
from masugata.edge.http.body import EndlessBody
from masugata.edge.http.names import BARE
from masugata.edge.http.response import ResponseHead, parse_response

if TYPE_CHECKING:
    from masugata.edge.client import ClientConnection
    from masugata.edge.outbox import Outbox
    from masugata.edge.pool import Pool, Upstream

_LONGEST_HEAD = 65_536
_MOST_INTERIM = 32  # responses such as 103 before the one that counts


class UpstreamConnection(asyncio.Protocol):
    """Reads responses, and hands them to the client whose request it carries, written anew."""

    __slots__ = (
        "_body", "_chunks", "_held", "_interim", "_paused", "_pool", "_transport", "_unsent", "begun",
        "client", "closed", "full", "head", "idle_since", "requests", "upstream",
    )  # fmt: skip

    def __init__(self, pool: "Pool", upstream: "Upstream") -> None:
        self._pool = pool
        self.upstream = upstream
        self.client: ClientConnection | None = None
        self.closed = False
        self.idle_since = 0
        self.requests = 0
        self.full = False
        """Whether the upstream takes less than it is sent."""
        self.begun = False
        """Whether any byte of an answer to the current request has come."""
        self.head: ResponseHead | None = None
        self._paused = False
        self._held = b""
        self._unsent = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready for a first request."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's transports are

    def begin(self, client: "ClientConnection", data: bytes, outbox: "Outbox | None" = None) -> None:
        """Send a request, or its beginning, for this client: now, or with what else is in the outbox."""
        self.client = client
        self.requests += 1
        self.begun = False
        self.head = None
        self._interim = 0
        self._held = b""
        if outbox is None:
            self._transport.write(data)
        else:
            self._unsent = data
            outbox.add(self)

    def flush(self) -> None:
        """Send what waits in the outbox."""
        data, self._unsent = self._unsent, b""
        if data and not self.closed:
            self._transport.write(data)

    def write(self, data: bytes) -> None:
        """Send more of the request, or of what goes through the tunnel."""
        self.flush()
        self._transport.write(data)

    def close(self) -> None:
        """End the connection at once: whoever reads an unfinished request there sees it cut off."""
        self.client = None
        if not self.closed:
            self.closed = True
            self._transport.abort()

    def drop(self) -> None:
        """End an exchange that nobody waits for any more, and the connection with it."""
        self.client = None
        self._pool.release(self, reusable=False)

    def finish(self) -> None:
        """End a tunnel once the upstream has taken what was sent through it."""
        self.client = None
        self._transport.close()
        self.closed = True
        self._pool.release(self, reusable=False)

    def pause(self) -> None:
        """Read no more until the client has taken what there is."""
        if not self._paused and not self.closed:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._paused and not self.closed:
            self._paused = False
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """The upstream is slower than the client."""
        self.full = True
        if self.client is not None:
            self.client.upstream_full(full=True)

    def resume_writing(self) -> None:
        """The upstream has caught up."""
        self.full = False
        if self.client is not None:
            self.client.upstream_full(full=False)

    def data_received(self, data: bytes) -> None:
        """Take a part of a response."""
        client = self.client
        if client is None:  # it speaks without having been asked: what it says would answer another request
            self.close()
            return
        if self._unsent:  # likewise
            self.drop()
            client.upstream_lost(self)
            return
        try:
            if client.tunnel:
                client.write(data)
                client.progressed()
            elif self.head is None:
                self._read_head(client, data)
            else:
                self._relay(client, self.head, data, [])
        except BadMessageError as error:
            self._give_up(client, f"the upstream's response has {error.defect}")

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the client whose exchange this cuts off, unless the end ends the response."""
        self.closed = True
        client, self.client = self.client, None
        if client is None:
            return
        self._pool.release(self, reusable=False)
        if self.head is not None and isinstance(self._body, EndlessBody) and exc is None:
            if self._chunks:
                client.write(LAST_CHUNK)
            client.exchange_done(closes=not self._chunks)
        else:
            self.upstream.failed(self._pool.tick)
            client.upstream_lost(self)

    def _read_head(self, client: "ClientConnection", data: bytes) -> None:
        self.begun = True
        searched = max(0, len(self._held) - 1)
        if self._held:
            data = self._held + data
            self._held = b""
        end = data.find(b"\r\n\r\n")
        if end < 0 or end > _LONGEST_HEAD:
            if len(data) > _LONGEST_HEAD:
                raise BadMessageError("a head that is too long")
            if BARE.search(data, searched):
                raise BadMessageError("a CR or LF that ends no line")
            self._held = data
            return
        head = parse_response(data[:end], client.method)
        data = data[end + 4 :]
        if head.status < 200:
            self._read_interim(client, head, data)
            return
        self.upstream.answered()
        self.head = head
        first = self._client_head(client, head)
        if len(data) == head.length:  # the whole response is here, as it mostly is
            client.write(first + data)
            self._done(client, reusable=not (head.closes or self.closed))
            return
        self._body = head.body()
        self._relay(client, head, data, [first])

    def _read_interim(self, client: "ClientConnection", head: ResponseHead, data: bytes) -> None:
        """A response before the one that counts: it is dropped, unless it changes the protocol."""
        if head.status == 101:
            self._switch(client, head, data)
            return
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            raise BadMessageError("too many interim responses")
        if data:
            self._read_head(client, data)

    def _client_head(self, client: "ClientConnection", head: ResponseHead) -> bytes:
        lines, length = head.lines, head.length
        self._chunks = False
        if length < 0:
            if client.old:
                client.closes = True
            else:
                self._chunks = True
                lines.append(b"Transfer-Encoding: chunked")
        elif head.told is not None:
            lines.append(b"Content-Length: " + head.told)
        if client.begin_response(head.status):
            lines.append(b"Connection: close")
        lines.append(b"\r\n")
        return b"\r\n".join(lines)

    def _relay(self, client: "ClientConnection", head: ResponseHead, data: bytes, out: list[bytes]) -> None:
        """Pass on what came, behind what is in `out`."""
        body, rest = self._body, b""
        if data:
            if body.done:
                rest = data
            else:
                payload, rest = body.feed(data)
                out.append(chunk(payload) if self._chunks else payload)
        done = body.done
        if done and self._chunks:
            out.append(LAST_CHUNK)
        client.write(out[0] if len(out) == 1 else b"".join(out))
        client.progressed()
        if done:
            self._done(client, reusable=not (head.closes or rest or self.closed))

    def _done(self, client: "ClientConnection", *, reusable: bool) -> None:
        self.client = None
        if self._paused:
            self.resume()
        # An answer that came before the whole request leaves an upstream that may still read its rest.
        self._pool.release(self, reusable=reusable and client.sent)
        client.exchange_done()

    def _switch(self, client: "ClientConnection", head: ResponseHead, data: bytes) -> None:
        if client.upgrade is None or head.upgrade is None or head.upgrade.lower() != client.upgrade.lower():
            raise BadMessageError("a change of protocol that nobody asked for")
        lines = [*head.lines, b"Connection: Upgrade", b"Upgrade: " + head.upgrade, b"\r\n"]
        self.upstream.answered()
        client.begin_tunnel(b"\r\n".join(lines) + data)

    def _give_up(self, client: "ClientConnection", reason: str) -> None:
        self.drop()
        self.upstream.failed(self._pool.tick)
        client.upstream_failed(reason, 502)
