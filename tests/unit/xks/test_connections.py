"""Connections to proxies: where they lead, how long they last, and what comes over them."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from masugata.xks import Connections, Failure, ProxyError
from masugata.xks.answers import LARGEST_ANSWER
from xks_proxy import Proxy

REQUEST = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n"
PATIENT = 60.0
IMPATIENT = 0.2


class _Anything(Proxy):
    """Answers whatever a test wants, to anybody."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.say: Callable[[BaseHTTPRequestHandler], Any] = lambda _: None

    def answer(self, *_: Any) -> tuple[int, Any]:
        return 0, self.say


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[_Anything]:
    """A server that a test tells what to say."""
    with _Anything(tmp_path) as running:
        yield running


@pytest.fixture
def connections(proxy: _Anything) -> Connections:
    """Connections that may lead to it."""
    return Connections([proxy.host], proxy.authority)


def saying(data: bytes, *, close: bool = False) -> Callable[[BaseHTTPRequestHandler], None]:
    """Send these bytes."""

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)
        handler.close_connection = close

    return say


def failure(connections: Connections, host: str = "localhost", seconds: float = PATIENT) -> Failure:
    """How a request fails."""
    with pytest.raises(ProxyError) as caught:
        connections.exchange(host, REQUEST, seconds)
    return caught.value.failure


def test_an_answer(proxy: _Anything, connections: Connections) -> None:
    """Its status and body, by length or in chunks; the connection is used again."""
    proxy.say = saying(b"HTTP/1.1 404 X\r\ncontent-length: 2\r\n\r\n{}")
    assert connections.exchange("localhost", REQUEST, PATIENT) == (404, b"{}")
    proxy.say = saying(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
    assert connections.exchange("LOCALHOST".lower(), REQUEST, PATIENT) == (200, b"{}")
    assert proxy.connections == 1


def test_a_connection_that_is_to_be_closed(proxy: _Anything, connections: Connections) -> None:
    """It is, and another one made for the next request."""
    proxy.say = saying(b"HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}", close=True)
    for number in (1, 2):
        assert connections.exchange("localhost", REQUEST, PATIENT) == (200, b"{}")
        assert proxy.connections == number


@pytest.mark.parametrize(
    "data",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 X\r\n\r\n{}",
        b"HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 X\r\nx: " + b"y" * LARGEST_ANSWER + b"\r\n\r\n",
        b"HTTP/1.1 200 X\r\ncontent-length: 99999999\r\n\r\n" + b"{" * LARGEST_ANSWER,
    ],
    ids=["no HTTP", "broken off", "without an end", "two answers", "large header", "large body"],
)
def test_no_answer(proxy: _Anything, connections: Connections, data: bytes) -> None:
    """What is not one whole answer of a sensible size."""
    proxy.say = saying(data, close=True)
    assert failure(connections) is Failure.INVALID_RESPONSE


def test_a_connection_that_ends_without_a_word(proxy: _Anything, connections: Connections) -> None:
    """A new one is not tried again."""
    proxy.say = saying(b"", close=True)
    assert failure(connections) is Failure.NOT_REACHABLE
    assert proxy.connections == 1


def test_a_kept_connection_that_ends_without_a_word(proxy: _Anything, connections: Connections) -> None:
    """The request is sent once more, over a new one."""
    proxy.say = saying(b"HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}")
    connections.exchange("localhost", REQUEST, PATIENT)
    answers = [saying(b"", close=True), proxy.say]

    def say(handler: BaseHTTPRequestHandler) -> None:
        answers.pop(0)(handler)

    proxy.say = say
    assert connections.exchange("localhost", REQUEST, PATIENT) == (200, b"{}")
    assert proxy.connections == 2


def test_what_comes_unasked(proxy: _Anything, connections: Connections) -> None:
    """An answer that waits already when a question is asked is nobody's."""
    proxy.say = saying(b"HTTP/1.1 200 X\r\ncontent-length: 2\r\n\r\n{}")
    connections.exchange("localhost", REQUEST, PATIENT)
    (kept,) = connections._kept
    assert kept.connection.version() in {"TLSv1.2", "TLSv1.3"}
    proxy._server.close_all()
    connections.exchange("localhost", REQUEST, PATIENT)
    assert proxy.connections == 2
    assert kept.connection.fileno() == -1


def test_an_answer_that_drips(proxy: _Anything, connections: Connections) -> None:
    """However slowly it comes, it ends in time."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 X\r\n")
        with suppress(OSError):
            for number in count():
                handler.wfile.write(b"x-%d: y\r\n" % (number % 10))
                proxy.hold.wait(0.01)

    proxy.hold.clear()
    proxy.say = drip
    assert failure(connections, seconds=IMPATIENT) is Failure.TIMED_OUT


def test_somebody_who_accepts_and_says_nothing() -> None:
    """TLS is waited for as long as an answer is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = Connections([f"localhost:{listener.getsockname()[1]}"])
        assert failure(connections, seconds=IMPATIENT) is Failure.TIMED_OUT


def test_nobody_listens() -> None:
    """Nor does a name that is none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert failure(Connections([f"localhost:{port}"])) is Failure.NOT_REACHABLE
    assert failure(Connections(["a..b"]), "a..b") is Failure.NOT_REACHABLE
    assert failure(Connections([".a"]), ".a") is Failure.NOT_REACHABLE


def test_a_certificate_for_another_name(proxy: _Anything) -> None:
    """The name that was asked for counts."""
    port = proxy.host.partition(":")[2]
    connections = Connections([f"127.0.0.1:{port}"], proxy.authority)
    assert failure(connections, "127.0.0.1") is Failure.TLS


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "2130706433", "0"]
)
def test_private_addresses(host: str) -> None:
    """Nothing is sent to them unless the operator named the host."""
    with pytest.raises(ProxyError, match="private_xks_proxies") as caught:
        Connections(["localhost:443"]).exchange(host, REQUEST, PATIENT)
    assert caught.value.failure is Failure.NOT_REACHABLE


def test_the_header_host() -> None:
    """It has a port only where that is not 443."""
    connections = Connections(["localhost:8443", "inside"])
    assert connections.authority_of("localhost") == "localhost:8443"
    assert connections.authority_of("inside") == "inside"
    assert connections.authority_of("outside.example.com") == "outside.example.com"
