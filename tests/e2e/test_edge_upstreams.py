"""Upstreams that die, lie, are slow or are several."""

import asyncio
import socket

import pytest

from edge_house import House, Rules, until
from masugata.edge import counters
from masugata.edge.settings import Address

HEAD = b"HTTP/1.1\r\nHost: shop.example\r\n"
GET = b"GET / " + HEAD + b"\r\n"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/2 200\r\n\r\n",
        b"220 smtp.example ESMTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_responses_with_two_readings(answer: bytes) -> None:
    """A response that cannot be read in one way is a 502 or cut off, and its connection is not used again."""
    with House(Rules()) as house:
        house.upstream.answers["/bad"] = answer
        received = house.ask(b"GET /bad " + HEAD + b"\r\n")
        assert received.startswith(b"HTTP/1.1 502 ") or b"0\r\n\r\n" not in received
        assert b"Set-Cookie" not in received
        with house.connect() as client:
            client.send(GET)
            assert client.response()[0] == 200
        assert [request.connection for request in house.upstream.requests] == [1, 2]


def test_bytes_behind_a_response_answer_nobody() -> None:
    """What an upstream sends beyond its response is not taken for the answer to the next request."""
    with House(Rules()) as house:
        extra = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        house.upstream.answers["/two"] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + extra
        house.upstream.answers["/late"] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        with house.connect() as client:
            for path in (b"/two", b"/late", b"/two", b"/late"):
                client.send(b"GET " + path + b" " + HEAD + b"\r\n")
                assert client.response()[2] == b"ok"


def test_nobody_answers() -> None:
    """Where no upstream can be reached a request is a 502, whatever its method."""
    with House(Rules(), upstreams=0, dead=(free_port(), free_port())) as house:
        assert house.ask(b"POST / " + HEAD + b"Content-Length: 2\r\n\r\nhi").startswith(b"HTTP/1.1 502 ")
        assert house.counted(counters.UPSTREAM_FAILURES) == 1


def test_another_upstream_takes_what_was_not_sent() -> None:
    """A request for an upstream that cannot be connected to goes to the next one, whatever its method."""
    with House(Rules(), upstreams=1, dead=(free_port(),)) as house, house.connect() as client:
        for number in range(8):
            client.send(b"POST /%d %bContent-Length: 2\r\n\r\nhi" % (number, HEAD))
            assert client.response()[0] == 200
        assert [request.target for request in house.upstream.requests] == [
            f"/{number}" for number in range(8)
        ]


def test_several_upstreams_take_turns() -> None:
    """Requests are spread over upstreams that are as busy as each other."""
    with House(Rules(), upstreams=3) as house:
        for _ in range(9):
            house.ask(b"GET / " + HEAD + b"Connection: close\r\n\r\n")
        assert [len(recorder.requests) for recorder in house.recorders] == [3, 3, 3]


def test_what_was_sent_is_not_sent_again() -> None:
    """A request whose answer did not come is a 502 and was sent once; only GET is repeated, and once."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.close()

    with House(Rules()) as house, house.connect() as client:
        house.upstream.handlers["/dies"] = hang_up
        client.send(GET)
        assert client.response()[0] == 200
        client.send(b"POST /dies " + HEAD + b"Content-Length: 2\r\n\r\nhi")
        assert client.response()[0] == 502
        assert [request.target for request in house.upstream.requests] == ["/", "/dies"]
    with House(Rules()) as house, house.connect() as client:
        house.upstream.handlers["/dies"] = hang_up
        client.send(GET)
        assert client.response()[0] == 200
        client.send(b"GET /dies " + HEAD + b"\r\n")
        assert client.response()[0] == 502
        assert [request.target for request in house.upstream.requests] == ["/", "/dies", "/dies"]
        assert house.counted(counters.UPSTREAM_RETRIES) == 1


def test_a_stale_connection_is_nobody_s_error() -> None:
    """A request that may be repeated is not lost to a connection that the upstream has closed meanwhile."""
    with House(Rules()) as house, house.connect() as client:
        house.upstream.keep = False
        for _ in range(20):
            client.send(GET)
            assert client.response()[0] == 200
        assert len(house.upstream.requests) == 20


def test_a_response_that_is_cut_off() -> None:
    """A body that ends early is cut off for the client too: it is not told that this was all."""

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()

    async def half_chunk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()

    with House(Rules()) as house:
        house.upstream.handlers |= {"/half": half, "/half-chunk": half_chunk}
        for path in (b"/half", b"/half-chunk"):
            with house.connect() as client:
                client.send(b"GET " + path + b" " + HEAD + b"\r\n")
                with pytest.raises((EOFError, ConnectionError)):
                    client.response()


def test_an_answer_before_the_whole_request() -> None:
    """An answer that does not wait for the body reaches the client; neither connection is used again."""

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()
        await reader.read()

    with House(Rules()) as house, house.connect() as client:
        house.upstream.handlers["/early"] = early
        client.send(b"POST /early " + HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 30_000)
        status, headers, body = client.response()
        assert (status, body, ("connection", "close") in headers) == (413, b"no", True)
        assert client.rest() == b""


def test_an_upstream_that_does_not_answer() -> None:
    """The time of an answer is bounded: 504."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del writer
        await reader.read()

    with House(Rules(), response_seconds=5) as house, house.connect() as client:
        house.upstream.handlers["/silent"] = silent
        client.send(b"GET /silent " + HEAD + b"\r\n")
        until(lambda: house.upstream.requests)
        house.seconds(7)
        assert client.response()[0] == 504


def test_upstreams_out_of_order() -> None:
    """One that failed several times is asked no more for a while; active checks find one that works again."""
    with House(Rules(), upstreams=2) as house:
        pool = house.edge.sites[0].pool
        first = pool.upstreams[0]
        for _ in range(3):
            house.in_loop(first.failed, house.edge.tick)
        for _ in range(4):
            house.ask(b"GET / " + HEAD + b"Connection: close\r\n\r\n")
        assert sorted(len(recorder.requests) for recorder in house.recorders) == [0, 4]
        house.seconds(11)
        for _ in range(4):
            house.ask(b"GET / " + HEAD + b"Connection: close\r\n\r\n")
        assert min(len(recorder.requests) for recorder in house.recorders) > 0


def test_active_checks() -> None:
    """An upstream that answers a check with 500, or not at all, gets no clients until it does better."""
    from masugata.edge.health import check

    with House(Rules(), upstreams=2) as house:
        site = house.edge.sites[0]
        sick = next(one for one in site.pool.upstreams if one.address.port == house.recorders[0].port)
        house.recorders[0].answers["/health"] = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"

        def run() -> None:
            asyncio.run_coroutine_threadsafe(check(site, sick, "/health"), house.loop).result(10)

        run()
        for _ in range(4):
            house.ask(b"GET /x " + HEAD + b"Connection: close\r\n\r\n")
        assert [request.target for request in house.recorders[0].requests] == ["/health"]
        house.recorders[0].answers.clear()
        run()
        for _ in range(4):
            house.ask(b"GET /x " + HEAD + b"Connection: close\r\n\r\n")
        assert "/x" in [request.target for request in house.recorders[0].requests]
        sick.address = Address("a..b", 1)  # of which even looking for it fails
        run()
        assert not sick.healthy
