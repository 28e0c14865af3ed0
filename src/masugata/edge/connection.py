"""A client's connection below HTTP: its bytes, its deadline, and its end."""

import asyncio
from typing import TYPE_CHECKING, Final

from masugata.edge import counters
from masugata.edge.forwarding import Origin
from masugata.edge.sources import plain

if TYPE_CHECKING:
    from masugata.edge.site import Site
    from masugata.edge.upstream import UpstreamConnection

HEAD: Final = 0
"""Waits for a request, or for the rest of its head."""
BUFFERING: Final = 1
"""Reads the part of the body that is inspected."""
STREAMING: Final = 2
"""Passes the rest of the body on."""
ANSWERING: Final = 3
"""The request is whole, its answer is not."""
TUNNEL: Final = 4
"""Passes bytes on in both directions."""
LINGERING: Final = 5
"""Reads nothing any more, but the client may still take an answer."""

RETIRE_SECONDS: Final = 10
"""Of silence, before a retiring edge closes a connection that nobody uses."""
_LINGER_SECONDS: Final = 2
_LINGER_BYTES: Final = 1 << 20


class Connection(asyncio.Protocol):
    """What `RequestReader` stands on.

    A front gives the `origin` that it has admitted, or the address and port of who is `behind` the peer.
    """

    __slots__ = (
        "_admitted", "_behind", "_lingered", "_paused", "_transport", "_upstream", "_write_paused",
        "deadline", "edge", "gone", "origin", "site", "state",
    )  # fmt: skip

    def __init__(
        self, site: "Site", origin: Origin | None = None, behind: tuple[str, int] | None = None
    ) -> None:
        self._behind = behind
        self.site = site
        self.edge = site.edge
        self.state = HEAD
        self.gone = False
        self.deadline = site.edge.tick + site.limits.head_seconds + 1
        self._upstream: UpstreamConnection | None = None
        self._paused = False
        self._write_paused = False
        self._lingered = 0
        self._admitted: str | None = None
        if origin is not None:
            self.origin = origin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, unless there are too many."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP's and TLS's are
        if not hasattr(self, "origin"):
            peer, port = self._behind or (peer_of(transport), port_of(transport))
            if not self.edge.admit(peer):
                self.gone = True
                transport.abort()  # type: ignore[attr-defined]
                return
            self._admitted = peer
            self.origin = Origin(peer, port, self.edge.trusted)
        self.edge.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; what its upstream still does is for nobody."""
        del exc
        self.gone = True
        self.edge.connections.discard(self)
        if self._admitted is not None:
            self.edge.leave(self._admitted)
            self._admitted = None
        upstream, self._upstream = self._upstream, None
        if upstream is not None:
            if self.state == TUNNEL:
                upstream.finish()
            else:
                upstream.drop()

    def write(self, data: bytes) -> None:
        """Send to the client."""
        if not self.gone:
            self._transport.write(data)

    def pause_writing(self) -> None:
        """The client is slower than the upstream: the upstream waits, and the client has a while."""
        self._write_paused = True
        if self._upstream is not None:
            self._upstream.pause()
        self.deadline = self.edge.tick + self.site.limits.send_seconds

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._write_paused = False
        if self._upstream is not None:
            self._upstream.resume()

    def abort(self) -> None:
        """End at once, so that the client sees an unfinished answer cut off."""
        self.state = LINGERING
        self._transport.abort()

    def close(self) -> None:
        """End once the client has taken what was written, within a while."""
        self.state = LINGERING
        self.deadline = self.edge.tick + self.site.limits.send_seconds
        self._transport.close()

    def linger(self) -> None:
        """End likewise, but for a client that may still be sending: a reset would take the answer from it."""
        self.state = LINGERING
        self.deadline = self.edge.tick + _LINGER_SECONDS
        self._read(on=True)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _lingering(self, data: bytes) -> None:
        self._lingered += len(data)
        if self._lingered > _LINGER_BYTES:
            self._transport.abort()

    def _read(self, *, on: bool) -> None:
        """Read from the client, or not."""
        if on is self._paused and not self._transport.is_closing():
            self._paused = not on
            if on:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()

    def _timed_out(self) -> None:
        self.edge.counters[counters.TIMEOUTS] += 1


def peer_of(transport: asyncio.BaseTransport) -> str:
    """The peer's address."""
    name = transport.get_extra_info("peername")
    return (plain(name[0]) if name else None) or "0.0.0.0"  # noqa: S104  # of one that is gone already


def port_of(transport: asyncio.BaseTransport) -> int:
    """The port that was connected to."""
    name = transport.get_extra_info("sockname")
    return int(name[1]) if name else 0
