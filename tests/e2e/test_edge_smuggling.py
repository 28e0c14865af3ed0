"""Requests that two programs read differently: each is refused, or the upstream reads what was inspected.

The techniques are from J. Kettle's papers ("HTTP Desync Attacks", 2019; "HTTP/2: The Sequel is Always Worse",
2021; "Browser-Powered Desync Attacks", 2022; "HTTP/1.1 must die", 2025), A. Klein's "HTTP Request Smuggling
in 2020", J. B. Weikop's "Funky chunks" (2025), and RFC 9112, section 11.2. The vectors are our own. The
upstream records one reading and fails the test where it finds no other.
"""

import re
from collections.abc import Iterator

import pytest

from edge_house import House, Rules, running

HOST = b"Host: shop.example\r\n"
INNER = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"


def post(*headers: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    """A POST with these headers and what follows them."""
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"POST /outer HTTP/" + version + b"\r\n" + HOST + lines + b"\r\n" + body


REFUSED = {
    "CL.TE": post(b"Content-Length: 6", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + INNER),
    "TE.CL": post(
        b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"5c\r\n" + INNER + b"\r\n0\r\n\r\n"
    ),
    "TE.TE, second is another": post(
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: cow", body=b"0\r\n\r\n" + INNER
    ),
    "TE.TE, first is another": post(
        b"Transfer-Encoding: cow", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + INNER
    ),
    "TE.TE, space before the colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n" + INNER),
    "TE.TE, folded": post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n" + INNER),
    "TE.TE, vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n" + INNER),
    "TE.TE, comma": post(b"Transfer-Encoding: chunked,", body=b"0\r\n\r\n" + INNER),
    "TE.TE, leading comma": post(b"Transfer-Encoding: ,chunked", body=b"0\r\n\r\n" + INNER),
    "TE.TE, behind a bare LF": post(b"X: y\nTransfer-Encoding: chunked", body=b"0\r\n\r\n" + INNER),
    "TE.TE, behind a bare CR": post(b"X: y\rTransfer-Encoding: chunked", body=b"0\r\n\r\n" + INNER),
    "TE.TE, underscore": post(b"Transfer_Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n" + INNER),
    "TE in HTTP/1.0": post(b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + INNER, version=b"1.0"),
    "CL.CL": post(b"Content-Length: 0", b"Content-Length: 44", body=INNER),
    "CL list": post(b"Content-Length: 0, 44", body=INNER),
    "CL with a sign": post(b"Content-Length: +0", body=INNER),
    "CL with a leading zero": post(b"Content-Length: 010", body=INNER),
    "0.CL, obfuscated": post(b"Content-Length : 44", body=INNER),
    "0.CL, folded": post(b"Content-Length:", b" 44", body=INNER),
    "0.CL, behind a NUL": post(b"X\0: y", b"Content-Length: 44", body=INNER),
    "Expect, obfuscated": post(b"Expect: y 100-continue", b"Content-Length: 44", body=INNER),
    "first header folded": b"POST /outer HTTP/1.1\r\n X: y\r\n"
    + HOST
    + b"Content-Length: 44\r\n\r\n"
    + INNER,
    "empty line before the request": b"\r\n" + post(b"Content-Length: 0") + INNER,
    "two Hosts": b"GET / HTTP/1.1\r\n" + HOST + b"Host: admin.example\r\n\r\n" + INNER,
    "Host against target": b"GET http://admin.example/ HTTP/1.1\r\n" + HOST + b"\r\n" + INNER,
    "Connection hides the length": post(b"Connection: content-length", b"Content-Length: 44", body=INNER),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + INNER,
    "HTTP/0.9": b"GET /outer\r\n" + INNER,
    "bare LFs all through": post().replace(b"\r\n", b"\n") + INNER,
    "chunk size behind a bare LF": post(b"Transfer-Encoding: chunked", body=b"5\nhello\r\n0\r\n\r\n" + INNER),
    "chunk extension with a LF (TERM.EXT)": post(
        b"Transfer-Encoding: chunked", body=b"2;\nxx\r\n4c\r\n0\r\n\r\n" + INNER + b"\r\n0\r\n\r\n"
    ),
    "chunk extension with a CR (EXT.TERM)": post(
        b"Transfer-Encoding: chunked", body=b"2;\rxx\r\n0\r\n\r\n" + INNER
    ),
    "chunk end of two bytes (ONE.TWO)": post(
        b"Transfer-Encoding: chunked", body=b"5\r\nhelloXX2\r\nxx\r\n0\r\n\r\n" + INNER
    ),
    "chunk end of a LF (TWO.ONE)": post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\n0\r\n\r\n" + INNER),
    "chunk size with a prefix": post(
        b"Transfer-Encoding: chunked", body=b"0x5\r\nhello\r\n0\r\n\r\n" + INNER
    ),
    "chunk size that overflows": post(
        b"Transfer-Encoding: chunked", body=b"10000000000000000\r\n\r\n0\r\n\r\n" + INNER
    ),
    "trailer with a LF": post(b"Transfer-Encoding: chunked", body=b"0\r\nX: y\nZ: w\r\n\r\n" + INNER),
    "body of a WebSocket handshake": (
        b"GET /outer HTTP/1.1\r\n"
        + HOST
        + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 44\r\n\r\n"
    )
    + INNER,
}

# Sound, and read the same everywhere: request, the targets that arrive, the body of the first.
SOUND = {
    "body of GET": (
        b"GET /outer HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER,
        ["/outer"],
        INNER,
    ),
    "CL.0": (post(b"Content-Length: %d" % len(INNER), body=INNER), ["/outer"], INNER),
    "CL.0 to a path that looks static": (
        b"POST /outer/..%%2fx.css HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n%b" % (HOST, len(INNER), INNER),
        ["/outer/..%2fx.css"],
        INNER,
    ),
    "request in a chunk": (
        post(b"Transfer-Encoding: chunked", body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(INNER), INNER)),
        ["/outer"],
        INNER,
    ),
    "end of chunks in a chunk": (
        post(b"Transfer-Encoding: chunked", body=b"5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
        ["/outer"],
        b"0\r\n\r\n",
    ),
    "quoted extension": (
        post(b"Transfer-Encoding: chunked", body=b'5;x="; y=0"\r\nhello\r\n0\r\n\r\n'),
        ["/outer"],
        b"hello",
    ),
    "trailers that frame": (
        post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\nContent-Length: 44\r\n\r\n") + INNER,
        ["/outer", "/smuggled"],
        b"hello",
    ),
    "encoded line ends in the target": (
        b"GET /outer%0d%0aX:%20y%0d%0a%0d%0aGET%20/smuggled HTTP/1.1\r\n" + HOST + b"\r\n",
        ["/outer%0d%0aX:%20y%0d%0a%0d%0aGET%20/smuggled"],
        b"",
    ),
    "encoded line ends in a header": (
        post(b"X: a%0d%0aTransfer-Encoding: chunked", b"Content-Length: 0"),
        ["/outer"],
        b"",
    ),
    "Connection names what we add": (
        post(b"Connection: X-Forwarded-For, X-Forwarded-Host, Via", b"Content-Length: 0"),
        ["/outer"],
        b"",
    ),
    "pipelined": (post(b"Content-Length: 2", body=b"hi") + INNER, ["/outer", "/smuggled"], b"hi"),
    "target in absolute form": (
        b"GET http://shop.example/outer HTTP/1.1\r\n" + HOST + b"\r\n",
        ["/outer"],
        b"",
    ),
    "HTTP/1.0 with what would be a second request": (
        post(b"Content-Length: 2", body=b"hi", version=b"1.0") + INNER,
        ["/outer"],
        b"hi",
    ),
}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """An edge with rules."""
    yield from running(Rules())


@pytest.mark.parametrize("pieces", [1, 1 << 20])
@pytest.mark.parametrize("name", REFUSED)
def test_refused(house: House, name: str, pieces: int) -> None:
    """The request is refused, the connection ends, and nothing behind it is taken for a request."""
    before = len(house.upstream.requests)
    with house.connect() as client:
        try:
            for start in range(0, len(REFUSED[name]), pieces):
                client.send(REFUSED[name][start : start + pieces])
        except ConnectionError:  # the rest was not wanted any more
            pass
        received = client.rest()
    assert received[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 417")
    assert b"\r\nConnection: close\r\n" in received
    assert len(re.findall(rb"HTTP/1\.1 [0-9]", received)) == 1
    assert "/smuggled" not in [request.target for request in house.upstream.requests[before:]]


@pytest.mark.parametrize("pieces", [1, 1 << 20])
@pytest.mark.parametrize("name", SOUND)
def test_read_the_same(house: House, name: str, pieces: int) -> None:
    """The upstream reads just the requests that the inspector saw, with the same bodies."""
    data, targets, body = SOUND[name]
    assert isinstance(house.inspector, Rules)
    house.inspector.seen.clear()
    before = len(house.upstream.requests)
    with house.connect() as client:
        for start in range(0, len(data), pieces):
            client.send(data[start : start + pieces])
        for _ in targets:
            assert client.response()[0] == 200
    arrived = house.upstream.requests[before:]
    assert [request.target for request in arrived] == targets
    assert arrived[0].body == body
    seen = [
        one.uri_path + (b"?" + one.query_string if one.query_string else b"") for one in house.inspector.seen
    ]
    assert [target.decode() for target in seen] == targets
    assert [one.body for one in house.inspector.seen] == [request.body for request in arrived]
    for request in arrived:
        assert request.header("x-forwarded-for") == ["127.0.0.1"]
        assert request.header("via")[0].endswith("masugata")
