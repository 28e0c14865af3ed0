"""Fuzz target: what the edge takes for a request, llhttp takes for the same one; the rest is refused.

The first byte says how the others are cut into pieces. A client's bytes go through the whole connection: what
the edge would send upstream is read by llhttp, and must be as many requests, with the targets, headers and
bodies that the inspector saw. Then the same bytes are an upstream's response.
"""

import asyncio

import httptools
from wire import Wire

from masugata.edge.client import ClientConnection
from masugata.edge.connection import STREAMING
from masugata.edge.forwarding import Origin
from masugata.edge.settings import EdgeSettings, read_site
from masugata.edge.site import Edge
from masugata.edge.upstream import UpstreamConnection
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest

HEAD = b"POST /a?b HTTP/1.1\r\nHost: h\r\n"
SEEDS = (
    b"\x00" + HEAD + b"Content-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    b"\x03" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"\x01"
    + HEAD
    + b"Connection: close, X-Y\r\nX-Y: z\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    b"\x00GET http://h/x HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nbytes",
    b"\x05HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    b"\x02HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.0 200\r\nContent-Length: 2\r\nSet-Cookie: a\r\n\r\nok",
)
PIECES = (
    b"\r\n\r\n", b"\n", b"\r", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n", b"Host: h\r\n",
    b" ", b"\t", b"\x0b", b"0\r\n\r\n", b"chunked, identity", b"HTTP/1.0", b"Upgrade: h2c\r\n", b"HEAD /",
    b"\0",
)  # fmt: skip
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Seen:
    """An inspector that allows, and keeps what it saw."""

    def __init__(self) -> None:
        self.requests: list[WebRequest] = []

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Allow."""
        del now
        self.requests.append(request)
        return Decision("ALLOW")


class Reading:
    """What llhttp reads."""

    def __init__(self) -> None:
        self.messages: list[tuple[bytes, dict[bytes, bytes], bytes]] = []
        self.whole = 0

    def on_message_begin(self) -> None:
        self.target, self.headers, self.body = b"", {}, b""

    def on_url(self, piece: bytes) -> None:
        self.target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value

    def on_body(self, piece: bytes) -> None:
        self.body += piece

    def on_message_complete(self) -> None:
        self.messages.append((self.target, self.headers, self.body))
        self.whole += 1


LOOP = asyncio.new_event_loop()


def fuzz_one(data: bytes) -> None:
    """The bytes as a client's, and as an upstream's."""
    if data:
        LOOP.run_until_complete(_both(data[1:], data[0]))


async def _both(data: bytes, size: int) -> None:
    pieces = [data[at : at + (size or len(data))] for at in range(0, len(data), size or len(data) or 1)]
    _request(pieces)
    for method in (b"GET", b"HEAD"):
        _response(pieces, method)


def _edge() -> tuple[Edge, Seen, ClientConnection, Wire]:
    edge = Edge(EdgeSettings(sites=(read_site("a=:1=:2"),), inspected_body=64, maximum_body=4096))
    seen = Seen()
    edge.sites[0].plans.replace(seen)
    client, wire = ClientConnection(edge.sites[0], Origin("10.0.0.1", 2, edge.trusted)), Wire()
    client.connection_made(wire)
    return edge, seen, client, wire


def _upstream(edge: Edge) -> tuple[UpstreamConnection, Wire]:
    pool = edge.sites[0].pool
    upstream, wire = UpstreamConnection(pool, pool.upstreams[0]), Wire()
    upstream.connection_made(wire)
    upstream.idle_since = edge.tick
    pool.upstreams[0].idle.append(upstream)
    return upstream, wire


def _request(pieces: list[bytes]) -> None:
    edge, seen, client, wire = _edge()
    upstream, sent = _upstream(edge)
    for piece in pieces:
        client.data_received(piece)
        edge.outbox.send()
        while upstream.client is not None and client.sent and not upstream.closed and not client.tunnel:
            upstream.data_received(ANSWER if client.method != b"HEAD" else ANSWER[:-2])
            edge.outbox.send()
    if not sent.closing and not client.tunnel:
        _compare(seen, sent.written, unfinished=client.state == STREAMING)
    client.connection_lost(None)
    if wire.written and not wire.written.startswith(b"HTTP/1.1 "):
        raise AssertionError(f"answered {wire.written!r}")


def _compare(seen: Seen, sent: bytes, *, unfinished: bool) -> None:
    reading = Reading()
    parser = httptools.HttpRequestParser(reading)
    try:
        parser.feed_data(sent)
    except (httptools.HttpParserUpgrade, httptools.HttpParserInvalidMethodError):  # it knows a list of them
        return
    if reading.whole + unfinished != len(seen.requests):
        raise AssertionError(f"{len(seen.requests)} requests became {sent!r}")
    for request, (target, headers, body) in zip(seen.requests, reading.messages, strict=False):
        query = b"?" + request.query_string if request.query_string or target.endswith(b"?") else b""
        if target != request.uri_path + query or not body.startswith(request.body):
            raise AssertionError(f"{request!r} became {sent!r}")
        if headers.get(b"x-forwarded-for") != b"10.0.0.1" or b"host" not in headers:
            raise AssertionError(f"{request!r} became {sent!r}")


def _response(pieces: list[bytes], method: bytes) -> None:
    edge, _, client, wire = _edge()
    upstream, _ = _upstream(edge)
    client.data_received(method + b" / HTTP/1.1\r\nHost: h\r\n\r\n")
    edge.outbox.send()
    if upstream.client is None:
        raise AssertionError("not asked")
    for piece in pieces:
        upstream.data_received(piece)
    cut = wire.closing
    client.connection_lost(None)
    reading = Reading()
    reading.on_url = None  # type: ignore[assignment]
    if method == b"HEAD" or cut:  # llhttp does not know what was asked
        return
    parser = httptools.HttpResponseParser(reading)
    parser.feed_data(wire.written)
    if reading.whole > 1:
        raise AssertionError(f"one answer became {wire.written!r}")
