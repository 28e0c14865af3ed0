"""The head of a response: what no upstream may say, and what becomes of what it says."""

import pytest

from masugata.edge.http import CHUNKED, BadMessageError
from masugata.edge.http.response import UNTIL_CLOSED, parse_response

OK = b"HTTP/1.1 200 OK"

DEFECTS = {
    "both lengths": (OK, b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    "two lengths": (OK, b"Content-Length: 5", b"Content-Length: 6"),
    "two equal lengths": (OK, b"Content-Length: 5", b"Content-Length: 5"),
    "list of lengths": (OK, b"Content-Length: 5, 5"),
    "signed length": (OK, b"Content-Length: +5"),
    "other encoding": (OK, b"Transfer-Encoding: gzip, chunked"),
    "encoding twice": (OK, b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"),
    "encoding in HTTP/1.0": (b"HTTP/1.0 200 OK", b"Transfer-Encoding: chunked"),
    "body of 204": (b"HTTP/1.1 204 No Content", b"Content-Length: 5"),
    "encoding of 204": (b"HTTP/1.1 204 No Content", b"Transfer-Encoding: chunked"),
    "folded line": (OK, b"X: a", b" b"),
    "space before the colon": (OK, b"X : a"),
    "bare LF": (OK, b"X: a\nSet-Cookie: b"),
    "bare CR": (OK, b"X: a\rSet-Cookie: b"),
    "NUL": (OK, b"X: a\0"),
    "no colon": (OK, b"X"),
    "HTTP/2": (b"HTTP/2 200 OK",),
    "two digits": (b"HTTP/1.1 20 OK",),
    "four digits": (b"HTTP/1.1 2000 OK",),
    "no status": (b"HTTP/1.1 OK",),
    "ICY": (b"ICY 200 OK",),
    "Connection takes the length away": (OK, b"Connection: content-length", b"Content-Length: 5"),
    "too many headers": (OK, *[b"X: y"] * 201),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_defects(name: str) -> None:
    """A response with more than one reading is refused."""
    with pytest.raises(BadMessageError):
        parse_response(b"\r\n".join(DEFECTS[name]), b"GET")


@pytest.mark.parametrize(
    ("lines", "method", "length"),
    [
        ((OK, b"Content-Length: 5"), b"GET", 5),
        ((OK, b"Content-Length: 5"), b"HEAD", 0),
        ((OK, b"Transfer-Encoding: chunked"), b"GET", CHUNKED),
        ((OK, b"Transfer-Encoding: Chunked"), b"HEAD", 0),
        ((b"HTTP/1.1 304 Not Modified", b"Content-Length: 5"), b"GET", 0),
        ((b"HTTP/1.1 304 Not Modified", b"Transfer-Encoding: chunked"), b"GET", 0),
        ((b"HTTP/1.1 204 No Content", b"Content-Length: 0"), b"GET", 0),
        ((b"HTTP/1.1 103 Early Hints",), b"GET", 0),
        ((OK,), b"GET", UNTIL_CLOSED),
        ((OK,), b"HEAD", 0),
        ((b"HTTP/1.0 200 OK", b"Content-Length: 5"), b"GET", 5),
    ],
)
def test_bodies(lines: tuple[bytes, ...], method: bytes, length: int) -> None:
    """The length of the body is what method, status and headers say together (RFC 9112, 6.3)."""
    assert parse_response(b"\r\n".join(lines), method).length == length


def test_what_goes_on() -> None:
    """What is for us alone does not go on, and cookies stay apart and in order."""
    response = parse_response(
        b"\r\n".join(
            (
                b"HTTP/1.0 404 Not  here",
                b"Set-Cookie: a",
                b"Connection: X-Own, close",
                b"X-Own: 1",
                b"Keep-Alive: 5",
                b"set-cookie: b",
                b"Content-Length: 1",
            )
        ),
        b"GET",
    )
    assert response.lines == [b"HTTP/1.1 404 Not  here", b"Set-Cookie: a", b"set-cookie: b"]
    assert response.closes


def test_status_without_a_phrase() -> None:
    """The phrase may be missing, with or without its space."""
    assert parse_response(b"HTTP/1.1 200", b"GET").lines == [b"HTTP/1.1 200 "]
    assert parse_response(b"HTTP/1.1 200 ", b"GET").lines == [b"HTTP/1.1 200 "]
