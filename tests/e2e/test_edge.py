"""A web application behind the edge: what goes through, how it is changed, and what is answered instead."""

import asyncio
import base64
import hashlib
import os
import socket
from collections.abc import Iterator

import pytest

from edge_house import House, Rules, running
from masugata.edge import counters

HEAD = b"HTTP/1.1\r\nHost: shop.example\r\n"


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An edge with rules."""
    yield from running(Rules())


def test_a_request_goes_through(house: House) -> None:
    """Method, target, headers and body arrive; we are named, and hop-by-hop headers are not."""
    with house.connect() as client:
        client.send(
            b"POST /through?a=b%20c " + HEAD + b"X-One: 1\r\nConnection: keep-alive, X-Own\r\nX-Own: 2\r\n"
            b"X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\nVia: 1.0 old\r\n"
            b"Content-Length: 5\r\n\r\nhello"
        )
        assert client.response()[::2] == (200, b"ok")
    request = house.upstream.requests[-1]
    assert (request.method, request.target, request.body) == ("POST", "/through?a=b%20c", b"hello")
    assert sorted(request.headers) == [
        ("Content-Length", "5"),
        ("Host", "shop.example"),
        ("Via", "1.0 old, 1.1 masugata"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Host", "shop.example"),
        ("X-Forwarded-Port", str(house.port)),
        ("X-Forwarded-Proto", "http"),
        ("X-One", "1"),
    ]


def test_connections_are_used_again(house: House) -> None:
    """Requests of one client, and of the next, share connections on both sides."""
    with house.connect() as client:
        for _ in range(3):
            client.send(b"GET /again " + HEAD + b"\r\n")
            assert client.response()[0] == 200
    assert len({request.connection for request in house.upstream.requests if request.target == "/again"}) == 1


def test_blocked(house: House) -> None:
    """What the inspector blocks is answered by its decision and reaches nobody; the connection goes on."""
    before = len(house.upstream.requests)
    with house.connect() as client:
        client.send(b"GET /?q=attack " + HEAD + b"\r\n")
        status, headers, body = client.response()
        assert (status, body, ("x-why", "attack") in headers) == (403, b"blocked", True)
        client.send(b"POST / " + HEAD + b"Content-Length: 9\r\n\r\nan attack")
        assert client.response()[0] == 403
        client.send(b"HEAD /attack " + HEAD + b"\r\n")
        assert client.response(bodiless=True)[0] == 403
        assert len(house.upstream.requests) == before
        client.send(b"GET / " + HEAD + b"\r\n")
        assert client.response()[0] == 200


def test_an_inspector_that_fails_lets_nothing_through(house: House) -> None:
    """A request that could not be inspected is refused, and the next one is inspected again."""
    before = len(house.upstream.requests)
    assert house.ask(b"GET /crash " + HEAD + b"\r\n").startswith(b"HTTP/1.1 503 ")
    assert len(house.upstream.requests) == before


def test_what_a_decision_adds(house: House) -> None:
    """Headers that a decision inserts arrive, and a client cannot forge them."""
    with house.connect() as client:
        for target in (b"/marked", b"/plain"):
            client.send(b"GET " + target + b" " + HEAD + b"x-amzn-waf-mark: forged\r\n\r\n")
            assert client.response()[0] == 200
    marked, plain = house.upstream.requests[-2:]
    assert marked.header("x-amzn-waf-mark") == ["yes"]
    assert plain.header("x-amzn-waf-mark") == []


def test_what_the_inspector_sees(house: House) -> None:
    """The inspector gets the request as it came: nothing decoded, every header, the body as payload."""
    assert isinstance(house.inspector, Rules)
    with house.connect() as client:
        client.send(
            b"POST /a%2fb;c?d=%27 " + HEAD + b"X-A: 1\r\nX-A: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
        )
        assert client.response()[0] == 200
    seen = house.inspector.seen[-1]
    assert (seen.method, seen.uri_path, seen.query_string) == (b"POST", b"/a%2fb;c", b"d=%27")
    assert (seen.body, seen.body_size, seen.source_ip, seen.scheme) == (b"abcde", 5, "127.0.0.1", "http")
    assert [pair for pair in seen.headers if pair[0] == b"x-a"] == [(b"x-a", b"1"), (b"x-a", b"2")]
    request = house.upstream.requests[-1]
    assert request.body == b"abcde"
    assert request.header("content-length") == ["5"]
    assert request.header("x-t") == request.header("trailer") == []


def test_a_body_is_inspected_as_far_as_it_is_set(house: House) -> None:
    """Of a long body its beginning is inspected and its size told, in both framings."""
    assert isinstance(house.inspector, Rules)
    long = b"x" * 100_000
    for framed in (
        b"Content-Length: 100000\r\n\r\n" + long,
        b"Transfer-Encoding: chunked\r\n\r\n" + b"%x\r\n%b\r\n" % (50_000, long[:50_000]) * 2 + b"0\r\n\r\n",
    ):
        with house.connect() as client:
            client.send(b"POST /long " + HEAD + framed)
            assert client.response()[0] == 200
        seen = house.inspector.seen[-1]
        assert seen.body == long[:16_384]
        assert seen.body_size is not None
        assert seen.body_size > 16_384
        assert house.upstream.requests[-1].body == long


def test_a_blocked_upload_is_not_read_to_its_end(house: House) -> None:
    """A body whose beginning is blocked is answered at once, and the connection ends in order."""
    with house.connect() as client:
        client.send(b"POST / " + HEAD + b"Content-Length: 1000000000\r\n\r\nattack" + b"x" * 20_000)
        status, headers, _ = client.response()
        assert status == 403
        assert ("connection", "close") in headers
        client.send(b"x" * 1_000)
        assert client.rest() == b""


def test_expect_continue(house: House) -> None:
    """A client that waits to be asked for its body is asked, and the upstream hears nothing of that."""
    with house.connect() as client:
        client.send(b"PUT /expecting " + HEAD + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert client.read_until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.send(b"hello")
        assert client.response()[0] == 200
    assert house.upstream.requests[-1].header("expect") == []


def test_pipelining(house: House) -> None:
    """Requests that are sent ahead are answered one by one, in order, blocked ones among them."""
    with house.connect() as client:
        client.send(
            b"".join(
                b"POST /ahead/%d%b %bContent-Length: 1\r\n\r\n%d"
                % (n, b"?attack" * (n % 3 == 1), HEAD, n % 10)
                for n in range(40)
            )
        )
        assert [client.response()[0] for _ in range(40)] == [403 if n % 3 == 1 else 200 for n in range(40)]
    came = [request.target for request in house.upstream.requests if request.target.startswith("/ahead/")]
    assert came == [f"/ahead/{n}" for n in range(40) if n % 3 != 1]


def test_the_last_requests_of_a_client_that_says_no_more(house: House) -> None:
    """A client that ends its side still gets the answers to all that it has asked."""
    with house.connect() as client:
        client.send(b"GET / " + HEAD + b"\r\nGET / " + HEAD + b"\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest().count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("unfinished", [b"", b"GET / HTTP/1.1"])
def test_many_requests_of_a_client_that_says_no_more(house: House, unfinished: bytes) -> None:
    """All that were whole are answered, also those that are answered at once."""
    with house.connect() as client:
        client.send(b"GET /attack HTTP/1.1\r\nHost: shop.example\r\n\r\n" * 1_000 + unfinished)
        client.socket.shutdown(socket.SHUT_WR)
        assert client.rest().count(b"HTTP/1.1 403 ") == 1_000


def test_a_client_that_goes_on_sending_is_not_reset(house: House) -> None:
    """A connection that ends with an answer is read a while longer: a reset could take the answer away."""
    with house.connect() as client:
        client.send(b"GET / " + HEAD + b"Connection: close\r\n\r\n")
        assert client.response()[0] == 200
        assert client.rest() == b""
        for _ in range(50):
            client.send(b"x")


def test_responses_in_every_framing(house: House) -> None:
    """Whatever way the upstream ends a body, the client knows its end, and nothing else of it goes on."""
    answers = {
        "/length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "/chunks": (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
            b"2;e\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n"
        ),
        "/interim": (
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        ),
        "/none": b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
        "/same": b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 5\r\n\r\n',
        "/empty": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    }
    house.upstream.answers.update(answers)
    with house.connect() as client:
        for path, body in (
            ("/length", b"hello"),
            ("/chunks", b"hello"),
            ("/interim", b"hello"),
            ("/empty", b""),
        ):
            client.send(b"GET " + path.encode() + b" " + HEAD + b"\r\n")
            status, headers, received = client.response()
            assert (status, received) == (200, body)
            assert not {"trailer", "x", "link"} & {name for name, _ in headers}
        client.send(b"HEAD /length " + HEAD + b"\r\n")
        status, headers, _ = client.response(bodiless=True)
        assert ("content-length", "5") in headers
        client.send(b"GET /none " + HEAD + b"\r\n")
        assert client.response()[0] == 204
        client.send(b"GET /same " + HEAD + b"\r\n")
        assert ("content-length", "5") in client.response()[1]
        client.send(b"GET /length " + HEAD + b"\r\n")
        assert client.response()[2] == b"hello"


def test_a_body_that_ends_with_its_connection(house: House) -> None:
    """Such a body reaches a client of HTTP/1.1 in chunks, one of HTTP/1.0 until the end."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nhel")
        await writer.drain()
        writer.write(b"lo")

    house.upstream.handlers["/until"] = answer
    with house.connect() as client:
        client.send(b"GET /until " + HEAD + b"\r\n")
        status, headers, body = client.response()
        assert (status, body, ("transfer-encoding", "chunked") in headers) == (200, b"hello", True)
    assert house.ask(b"GET /until HTTP/1.0\r\nHost: a\r\n\r\n").endswith(
        b"\r\nConnection: close\r\n\r\nhello"
    )


def test_websocket(house: House) -> None:
    """After a handshake that was inspected, bytes go both ways, the early ones too, until one side ends."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        key = house.upstream.requests[-1].header("sec-websocket-key")[0].encode()
        accept = base64.b64encode(
            hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
        )
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\nhi"
        )
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()

    house.upstream.handlers["/socket"] = echo
    handshake = HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\n\r\n"
    with house.connect() as client:
        client.send(b"GET /socket " + handshake + b"early")
        status, headers, _ = client.response()
        assert (status, ("upgrade", "WebSocket") in headers) == (101, True)
        assert client.read(7) == b"hiearly"
        noise = os.urandom(300_000)
        client.send(noise[:1_000])
        client.send(noise[1_000:])
        assert client.read(len(noise)) == noise
    assert house.upstream.requests[-1].header("upgrade") == ["websocket"]
    assert house.ask(b"GET /socket?attack " + handshake.replace(b"Upgrade\r\n", b"Upgrade, close\r\n", 1))[
        :12
    ] == (b"HTTP/1.1 403")


def test_a_refused_websocket_is_an_ordinary_response(house: House) -> None:
    """Without a 101 nothing is passed on unread: what follows is the next request (0ang3el, 2019)."""
    handshake = HEAD + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\n\r\n"
    with house.connect() as client:
        client.send(b"GET /no-socket " + handshake + b"GET /after?attack " + HEAD + b"\r\n")
        assert client.response()[0] == 200
        assert client.response()[0] == 403


def test_other_protocols_are_not_offered(house: House) -> None:
    """An offer of HTTP/2 is not passed on: nothing after it would be inspected (h2c smuggling, 2020)."""
    with house.connect() as client:
        client.send(
            b"GET /h2c "
            + HEAD
            + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"
        )
        assert client.response()[0] == 200
    request = house.upstream.requests[-1]
    assert request.header("upgrade") == request.header("connection") == request.header("http2-settings") == []


def test_a_change_of_protocol_nobody_asked_for(house: House) -> None:
    """A 101 without an offer, or for another protocol, is no answer."""
    house.upstream.answers["/odd"] = (
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    )
    assert house.ask(b"GET /odd " + HEAD + b"\r\n")[:12] == b"HTTP/1.1 502"
    offer = b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert house.ask(b"GET /odd " + HEAD + offer)[:12] == b"HTTP/1.1 502"


def test_a_plan_is_replaced_while_requests_are_on_their_way() -> None:
    """A new plan decides about the next request, and without one nothing goes through."""
    rules = Rules()
    with House(rules) as house, house.connect() as client:
        client.send(b"GET / " + HEAD + b"\r\n")
        assert client.response()[0] == 200
        plans = house.edge.sites[0].plans
        other = Rules()
        house.in_loop(plans.replace, other)
        client.send(b"GET / " + HEAD + b"\r\n")
        assert client.response()[0] == 200
        assert (len(rules.seen), len(other.seen)) == (1, 1)
        house.in_loop(plans.replace, None)
        client.send(b"GET / " + HEAD + b"\r\n")
        status, _, body = client.response()
        assert (status, b"no plan" in body) == (503, True)
        assert len(house.upstream.requests) == 2
        assert house.counted(counters.WITHOUT_PLAN) == 1


def test_fail_open() -> None:
    """With `fail_open` requests go through while there is no plan."""
    with House(None, fail_open=True) as house, house.connect() as client:
        client.send(b"GET /?attack " + HEAD + b"\r\n")
        assert client.response()[0] == 200
