"""The head of a request: what is refused, by the name of its defect, and what is read."""

import pytest

from masugata.edge.http import CHUNKED, BadMessageError, parse_request

HOST = b"Host: example.com"


def head(*lines: bytes, first: bytes = b"GET / HTTP/1.1") -> bytes:
    """A head of these lines."""
    return b"\r\n".join((first, *lines))


# The techniques are named as in: J. Kettle, "HTTP Desync Attacks" (2019), "HTTP/2: The Sequel is Always
# Worse" (2021), "Browser-Powered Desync Attacks" (2022), "HTTP/1.1 must die" (2025); RFC 9112, sections 2.2,
# 3.2, 5, 6.1, 6.3 and 11.2. The vectors are our own.
DEFECTS = {
    "both lengths (CL.TE)": (head(HOST, b"Content-Length: 6", b"Transfer-Encoding: chunked"), 400),
    "both lengths, other order (TE.CL)": (
        head(HOST, b"Transfer-Encoding: chunked", b"Content-Length: 4"),
        400,
    ),
    "two equal lengths": (head(HOST, b"Content-Length: 5", b"Content-Length: 5"), 400),
    "two different lengths": (head(HOST, b"Content-Length: 5", b"Content-Length: 6"), 400),
    "list of equal lengths": (head(HOST, b"Content-Length: 5, 5"), 400),
    "length with a sign": (head(HOST, b"Content-Length: +5"), 400),
    "negative length": (head(HOST, b"Content-Length: -5"), 400),
    "hexadecimal length": (head(HOST, b"Content-Length: 0x5"), 400),
    "octal length": (head(HOST, b"Content-Length: 010"), 400),
    "length with an underscore": (head(HOST, b"Content-Length: 1_0"), 400),
    "length with a fraction": (head(HOST, b"Content-Length: 5.0"), 400),
    "length with an exponent": (head(HOST, b"Content-Length: 1e1"), 400),
    "empty length": (head(HOST, b"Content-Length: "), 400),
    "length of two numbers": (head(HOST, b"Content-Length: 5 6"), 400),
    "length behind a tab": (head(HOST, b"Content-Length:\t5"), 400),
    "length in Arabic digits": (head(HOST, b"Content-Length: \xd9\xa5"), 400),
    "length over 64 bits": (head(HOST, b"Content-Length: 18446744073709551621"), 400),
    "length spelt with an underscore": (head(HOST, b"Content_Length: 5"), 400),
    "encoding spelt with an underscore": (head(HOST, b"Transfer_Encoding: chunked"), 400),
    "space before the colon of Host": (head(b"Host : example.com"), 400),
    "encoding in two lines (TE.TE)": (
        head(HOST, b"Transfer-Encoding: chunked", b"Transfer-Encoding: x"),
        400,
    ),
    "encoding twice": (head(HOST, b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"), 400),
    "xchunked": (head(HOST, b"Transfer-Encoding: xchunked"), 400),
    "chunked, identity": (head(HOST, b"Transfer-Encoding: chunked, identity"), 400),
    "identity, chunked": (head(HOST, b"Transfer-Encoding: identity, chunked"), 400),
    "gzip, chunked": (head(HOST, b"Transfer-Encoding: gzip, chunked"), 400),
    "identity": (head(HOST, b"Transfer-Encoding: identity"), 400),
    "empty encoding": (head(HOST, b"Transfer-Encoding: "), 400),
    "chunked in quotes": (head(HOST, b'Transfer-Encoding: "chunked"'), 400),
    "chunked with a parameter": (head(HOST, b"Transfer-Encoding: chunked;a=b"), 400),
    "chunked in capitals": (head(HOST, b"Transfer-Encoding: CHUNKED"), 400),
    "chunked behind a tab": (head(HOST, b"Transfer-Encoding:\tchunked"), 400),
    "chunked before a tab": (head(HOST, b"Transfer-Encoding: chunked\t"), 400),
    "chunked behind a vertical tab": (head(HOST, b"Transfer-Encoding: \x0bchunked"), 400),
    "chunked behind a form feed": (head(HOST, b"Transfer-Encoding: \x0cchunked"), 400),
    "chunked behind a no-break space": (head(HOST, b"Transfer-Encoding: \xa0chunked"), 400),
    "chunked in a folded line": (head(HOST, b"Transfer-Encoding:", b" chunked"), 400),
    "encoding behind a space": (head(HOST, b" Transfer-Encoding: chunked"), 400),
    "encoding before a space": (head(HOST, b"Transfer-Encoding : chunked"), 400),
    "encoding before a tab": (head(HOST, b"Transfer-Encoding\t: chunked"), 400),
    "encoding behind a bare LF": (head(HOST, b"X: y\nTransfer-Encoding: chunked"), 400),
    "encoding behind a bare CR": (head(HOST, b"X: y\rTransfer-Encoding: chunked"), 400),
    "encoding in HTTP/1.0": (head(HOST, b"Transfer-Encoding: chunked", first=b"POST / HTTP/1.0"), 400),
    "NUL in a value": (head(HOST, b"X: a\0b"), 400),
    "NUL in a name": (head(HOST, b"X\0: a"), 400),
    "DEL in a value": (head(HOST, b"X: a\x7f"), 400),
    "escape in a value": (head(HOST, b"X: a\x1b[2J"), 400),
    "folded line": (head(HOST, b"X: a", b"\tb"), 400),
    "folded first header": (head(b" X: a", HOST), 400),
    "header without a colon": (head(HOST, b"X"), 400),
    "empty line with a CR": (head(HOST, b"X: y", b"\r"), 400),
    "header without a name": (head(HOST, b": x"), 400),
    "parentheses in a name": (head(HOST, b"X(y): z"), 400),
    "slash in a name": (head(HOST, b"X/y: z"), 400),
    "name in UTF-8": (head(HOST, "Ä: z".encode()), 400),
    "very long name": (head(HOST, b"x" * 300 + b": y"), 400),
    "no Host": (head(b"X: y"), 400),
    "two Hosts": (head(HOST, b"Host: other.example"), 400),
    "two equal Hosts": (head(HOST, HOST), 400),
    "empty Host": (head(b"Host: "), 400),
    "Host with a path": (head(b"Host: example.com/x"), 400),
    "Host with a user": (head(b"Host: user@example.com"), 400),
    "Host with a comma": (head(b"Host: a.example, b.example"), 400),
    "Host with a space": (head(b"Host: a b"), 400),
    "Host behind a tab": (head(b"Host:\texample.com"), 400),
    "Host with a port that is none": (head(b"Host: a.example:http"), 400),
    "Host with an open bracket": (head(b"Host: [::1"), 400),
    "Host in UTF-8": (head("Host: ä.example".encode()), 400),
    "target of another host": (head(HOST, first=b"GET http://other.example/ HTTP/1.1"), 400),
    "target of another port": (head(HOST, first=b"GET http://example.com:81/ HTTP/1.1"), 400),
    "target with a user": (head(HOST, first=b"GET http://a@example.com/ HTTP/1.1"), 400),
    "target of another scheme": (head(HOST, first=b"GET ftp://example.com/ HTTP/1.1"), 400),
    "target without a slash": (head(HOST, first=b"GET index.html HTTP/1.1"), 400),
    "authority as target": (head(HOST, first=b"GET example.com:80 HTTP/1.1"), 400),
    "CONNECT": (head(HOST, first=b"CONNECT example.com:443 HTTP/1.1"), 400),
    "CONNECT with a path": (head(HOST, first=b"CONNECT / HTTP/1.1"), 405),
    "TRACE": (head(HOST, first=b"TRACE / HTTP/1.1"), 405),
    "asterisk of GET": (head(HOST, first=b"GET * HTTP/1.1"), 400),
    "fragment": (head(HOST, first=b"GET /a#b HTTP/1.1"), 400),
    "space in the target": (head(HOST, first=b"GET /a b HTTP/1.1"), 400),
    "tab in the request line": (head(HOST, first=b"GET\t/ HTTP/1.1"), 400),
    "two spaces": (head(HOST, first=b"GET  / HTTP/1.1"), 400),
    "space at the end": (head(HOST, first=b"GET / HTTP/1.1 "), 400),
    "UTF-8 in the target": (head(HOST, first="GET /ä HTTP/1.1".encode()), 400),
    "bare CR in the target": (head(HOST, first=b"GET /\r HTTP/1.1"), 400),
    "small method": (head(HOST, first=b"get / HTTP/1.1"), 400),
    "method behind a space": (head(HOST, first=b" GET / HTTP/1.1"), 400),
    "very long method": (head(HOST, first=b"A" * 40 + b" / HTTP/1.1"), 400),
    "HTTP/0.9": (head(first=b"GET /"), 400),
    "HTTP/0.9 with headers": (head(HOST, first=b"GET /"), 400),
    "HTTP/2's preface": (head(first=b"PRI * HTTP/2.0"), 400),
    "HTTP/1.2": (head(HOST, first=b"GET / HTTP/1.2"), 400),
    "HTTP/01.1": (head(HOST, first=b"GET / HTTP/01.1"), 400),
    "HTTP/1.10": (head(HOST, first=b"GET / HTTP/1.10"), 400),
    "small http": (head(HOST, first=b"GET / http/1.1"), 400),
    "empty first line": (head(HOST, first=b""), 400),
    "no method": (head(HOST, first=b" / HTTP/1.1"), 400),
    "response": (head(HOST, first=b"HTTP/1.1 200 OK"), 400),
    "other expectation": (head(HOST, b"Content-Length: 1", b"Expect: x 100-continue"), 417),
    "expectation twice": (head(HOST, b"Expect: 100-continue", b"Expect: 100-continue"), 400),
    "Connection takes Host away": (head(HOST, b"Connection: close, Host"), 400),
    "Connection takes the length away": (
        head(HOST, b"Connection: content-length", b"Content-Length: 5"),
        400,
    ),
    "Connection takes the encoding away": (
        head(HOST, b"Connection: Transfer-Encoding", b"Transfer-Encoding: chunked"),
        400,
    ),
    "too many headers": (head(HOST, *[b"X: y"] * 200), 431),
    "long request line": (head(HOST, first=b"GET /" + b"a" * 17_000 + b" HTTP/1.1"), 414),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_defects(name: str) -> None:
    """A head with more than one reading, or none, is refused, and the reason has nothing of it."""
    data, status = DEFECTS[name]
    with pytest.raises(BadMessageError) as caught:
        parse_request(data)
    assert caught.value.status == status
    assert caught.value.defect.isascii()


def test_what_is_read() -> None:
    """A sound head is read whole: names in lower case, values without spaces around them, in order."""
    request = parse_request(
        head(
            b"Host: Example.com:8080",
            b"X-A:  b \t",
            b"Cookie: a=b",
            b"x-a: c",
            b"Empty:",
            first=b"GET /a?b=c HTTP/1.1",
        )
    )
    assert (request.method, request.target, request.host, request.length) == (
        b"GET",
        b"/a?b=c",
        b"Example.com:8080",
        0,
    )
    assert request.headers == (
        (b"host", b"Example.com:8080"), (b"x-a", b"b"), (b"cookie", b"a=b"), (b"x-a", b"c"), (b"empty", b"")
    )  # fmt: skip
    assert request.lines == [b"X-A: b", b"Cookie: a=b", b"x-a: c", b"Empty: "]
    assert not request.closes


def test_bodies() -> None:
    """The length of a body is what its one header says."""
    assert parse_request(head(HOST, b"Content-Length: 0")).length == 0
    assert parse_request(head(HOST, b"content-length:17 ")).length == 17
    assert parse_request(head(HOST, b"Transfer-Encoding: chunked")).length == CHUNKED


@pytest.mark.parametrize(
    ("target", "read"),
    [
        (b"http://example.com/a?b", b"/a?b"),
        (b"https://EXAMPLE.com/", b"/"),
        (b"http://example.com", b"/"),
        (b"http://example.com?x=/y", b"/?x=/y"),
        (b"HTTP://example.com/http://other.example/", b"/http://other.example/"),
        (b"//other.example/x", b"//other.example/x"),
        (b"/%0d%0aX:%20y", b"/%0d%0aX:%20y"),
    ],
)
def test_targets(target: bytes, read: bytes) -> None:
    """A target in absolute form loses the host that Host names too; nothing in a path is decoded."""
    assert parse_request(head(HOST, first=b"GET " + target + b" HTTP/1.1")).target == read


def test_options_of_everything() -> None:
    """OPTIONS may ask for no path."""
    assert parse_request(head(HOST, first=b"OPTIONS * HTTP/1.1")).target == b"*"


def test_what_does_not_go_on() -> None:
    """What is between two neighbours, what `Connection` names and what looks like ours does not go on."""
    request = parse_request(
        head(
            HOST,
            b"Connection: close, X-Own",
            b"X-Own: 1",
            b"Keep-Alive: 5",
            b"TE: trailers",
            b"Trailer: X",
            b"Proxy: http://evil.example",
            b"Proxy-Connection: keep-alive",
            b"HTTP2-Settings: AA",
            b"X-Amzn-Waf-Bot: no",
            b"x_amzn_waf_bot: no",
            b"X_Forwarded_For: 1.2.3.4",
            b"X-Stays: 2",
            b"X_Stays: 3",
        )
    )
    assert request.lines == [b"X-Stays: 2", b"X_Stays: 3"]
    assert request.closes
    assert (b"x-amzn-waf-bot", b"no") in request.headers  # rules see all of it


def test_upgrade_only_where_connection_says_so() -> None:
    """An Upgrade that Connection does not name is none."""
    assert parse_request(head(HOST, b"Upgrade: websocket")).upgrade is None
    assert (
        parse_request(head(HOST, b"Upgrade: websocket", b"Connection: keep-alive, Upgrade")).upgrade
        == b"websocket"
    )


def test_tables_stay_small() -> None:
    """Strangers' names, lines and hosts fill no memory, and are read as well when the tables are full."""
    from masugata.edge.http import request as module

    for number in range(6_000):
        parse_request(head(b"Host: h%d.example" % number, b"X-%d: y" % number, b"User-Agent: %d" % number))
    assert len(module._lines.known) <= 4_096
    assert len(module._lines._names) <= 4_096
    assert len(module._hosts) <= 1_024
    assert parse_request(head(HOST, b"X-9999: y")).lines == [b"X-9999: y"]
