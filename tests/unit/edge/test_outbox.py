"""Inspected requests go out together, over real connections."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from masugata.edge.client import ClientConnection
from masugata.edge.outbox import AT_ONCE
from masugata.edge.pool import Upstream
from masugata.edge.settings import EdgeSettings, read_site
from masugata.edge.site import Edge, Site
from masugata.edge.upstream import UpstreamConnection
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest

REQUEST = b"GET /%d HTTP/1.1\r\nHost: a.example\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\n\r\nx"


class Allowing:
    """Allows everything."""

    def inspect(self, request: WebRequest, now: float) -> Decision:
        """Allow."""
        del request, now
        return Decision("ALLOW")


class Exchanges:
    """Clients of a site, each with a connection to an upstream that waits, and the other ends of both."""

    def __init__(self) -> None:
        self.site: Site = Edge(EdgeSettings(sites=(read_site("a=127.0.0.1:0=127.0.0.1:1"),))).sites[0]
        self.site.plans.replace(Allowing())
        self.clients: list[ClientConnection] = []
        self.ours: list[socket.socket] = []
        self.theirs: list[socket.socket] = []

    @property
    def upstream(self) -> Upstream:
        """The only one."""
        return self.site.pool.upstreams[0]

    async def add(self) -> None:
        """One more client, and one more connection to the upstream."""
        loop = asyncio.get_running_loop()
        ours, edge = socket.socketpair()
        _, client = await loop.create_connection(lambda: ClientConnection(self.site), sock=edge)
        theirs, edge = socket.socketpair()
        _, connection = await loop.create_connection(
            lambda: UpstreamConnection(self.site.pool, self.upstream), sock=edge
        )
        connection.requests = 1
        self.upstream.idle.appendleft(connection)
        self.clients.append(client)
        self.ours.append(ours)
        self.theirs.append(theirs)

    def arrived(self) -> list[bytes]:
        """What the upstream has got, over each connection."""
        return [_received(each) for each in self.theirs]

    def close(self) -> None:
        """End all."""
        self.site.edge.close()
        for each in (*self.ours, *self.theirs):
            each.close()


def _received(end: socket.socket) -> bytes:
    end.setblocking(False)
    try:
        return end.recv(65_536)
    except BlockingIOError:
        return b""


def run(test: Callable[[Exchanges], Awaitable[None]], count: int) -> None:
    """Run a test with so many clients."""

    async def prepared() -> None:
        exchanges = Exchanges()
        try:
            for _ in range(count):
                await exchanges.add()
            await test(exchanges)
        finally:
            exchanges.close()
            for _ in range(3):  # what is aborted is closed in a later turn of the loop
                await asyncio.sleep(0)

    asyncio.run(prepared())


def test_requests_go_out_together() -> None:
    """What is inspected in one turn of the loop is sent at its end, each request over its connection."""

    async def test(exchanges: Exchanges) -> None:
        for number, client in enumerate(exchanges.clients):
            client.data_received(REQUEST % number)
        assert exchanges.arrived() == [b""] * 3
        await asyncio.sleep(0)
        assert sorted(each.split(b" ")[1] for each in exchanges.arrived()) == [b"/0", b"/1", b"/2"]

    run(test, 3)


def test_no_request_waits_for_many() -> None:
    """A full outbox is sent at once."""

    async def test(exchanges: Exchanges) -> None:
        for number, client in enumerate(exchanges.clients):
            client.data_received(REQUEST % number)
        assert sum(1 for each in exchanges.arrived() if each) == AT_ONCE
        await asyncio.sleep(0)
        assert sum(1 for each in exchanges.arrived() if each) == 1

    run(test, AT_ONCE + 1)


def test_what_is_over_is_not_sent() -> None:
    """A request that was given up before it was sent is not sent."""

    async def test(exchanges: Exchanges) -> None:
        exchanges.clients[0].data_received(POST)
        exchanges.clients[0].expire()
        await asyncio.sleep(0)
        assert exchanges.arrived() == [b""]

    run(test, 1)


@pytest.mark.parametrize(("request_sent", "status"), [(POST, b"502"), (REQUEST % 1, b"200")])
def test_what_comes_before_the_request_answers_nothing(request_sent: bytes, status: bytes) -> None:
    """An upstream that speaks while the request still waits loses its connection: that is no answer."""

    async def test(exchanges: Exchanges) -> None:
        exchanges.upstream.idle.rotate(-1)
        connection = exchanges.upstream.idle[-1]
        exchanges.clients[0].data_received(request_sent)
        connection.data_received(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        assert connection.closed
        if status == b"200":  # it may be sent again, over a connection that is new
            assert exchanges.clients[0].waits
        else:
            await asyncio.sleep(0)
            assert _received(exchanges.ours[0]).split(b" ")[1] == status

    run(test, 2)
