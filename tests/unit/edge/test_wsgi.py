"""The WSGI middleware, called as servers call it."""

import io
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.validate import validator

import pytest

from edge_house import Rules
from masugata.edge.inspectors import FollowingInspector
from masugata.edge.plans import Plans
from masugata.edge.wsgi import Environ, StartResponse, WafMiddleware
from masugata.engines.waf.request import WebRequest


class Application:
    """Reads the body as `read` does, and answers `ok`."""

    def __init__(self, read: Callable[[Any], Any] = lambda body: body.read()) -> None:
        self.environs: list[Environ] = []
        self.body: Any = b""
        self.read = read

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve."""
        self.environs.append(environ)
        self.body = self.read(environ["wsgi.input"])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]


class Socket:
    """A body on a socket: what is read beyond its end would wait for ever, and fails here."""

    def __init__(self, body: bytes, *, ends: bool = False) -> None:
        self._body = io.BytesIO(body)
        self._left = len(body)
        self._ends = ends

    def read(self, size: int) -> bytes:
        """At most 1,000 bytes at a time."""
        assert size > 0
        assert self._ends or size <= self._left, "waits for ever"
        piece = self._body.read(min(size, 1000))
        self._left -= len(piece)
        return piece


class Server:
    """Calls the middleware, and keeps what it answers."""

    def __init__(self, rules: Any = None, app: Application | None = None, **options: Any) -> None:
        self.app = app or Application()
        self.rules = rules or Rules()
        self.middleware = WafMiddleware(self.app, inspector=self.rules, **options)
        self.status = ""
        self.headers: list[tuple[str, str]] = []

    def call(self, path: str = "/", body: Any = b"", **environ: Any) -> str:
        """The whole answer: status and body."""
        said = {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "",
            "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "203.0.113.4", "wsgi.url_scheme": "http",
            "wsgi.input": Socket(body) if isinstance(body, bytes) else body,
        }  # fmt: skip
        if body and isinstance(body, bytes):
            said["CONTENT_LENGTH"] = str(len(body))
        answer = b"".join(self.middleware(said | environ, self._start))
        return f"{self.status} {answer.decode()}"

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, headers

    @property
    def seen(self) -> WebRequest:
        """What was inspected last."""
        return self.rules.seen[-1]


def test_request() -> None:
    """A request is inspected with all that WSGI tells, and the application gets it unchanged."""
    server = Server()
    said = server.call(
        "/caf\xc3\xa9", b"a=b", REQUEST_METHOD="POST", RAW_URI="/caf%C3%A9?q=%20", QUERY_STRING="q=%20",
        HTTP_HOST="shop.example", HTTP_X_ONE="1", CONTENT_TYPE="text/plain",
    )  # fmt: skip
    assert said == "200 OK ok"
    seen = server.seen
    assert (seen.method, seen.uri_path, seen.query_string) == (b"POST", b"/caf%C3%A9", b"q=%20")
    assert (seen.body, seen.body_size, seen.http_version, seen.source_ip) == (
        b"a=b",
        3,
        b"1.1",
        "203.0.113.4",
    )
    assert set(seen.headers) == {
        (b"host", b"shop.example"), (b"x-one", b"1"), (b"content-type", b"text/plain"),
        (b"content-length", b"3"),
    }  # fmt: skip
    assert server.app.body == b"a=b"
    assert server.app.environs[0]["PATH_INFO"] == "/caf\xc3\xa9"


def test_blocked() -> None:
    """What is blocked is answered by the decision; the application is not called."""
    server = Server()
    assert server.call("/attack") == "403 Forbidden blocked"
    assert server.headers == [("x-why", "attack"), ("Content-Length", "7")]
    assert server.call("/", b"attack") == "403 Forbidden blocked"
    assert server.call("/attack", REQUEST_METHOD="HEAD") == "403 Forbidden "
    assert server.app.environs == []


@pytest.mark.parametrize(
    "read",
    [
        lambda body: body.read(),
        lambda body: body.read(-1),
        lambda body: b"".join(iter(lambda: body.read(7), b"")),
        lambda body: b"".join(iter(body.readline, b"")),
        lambda body: b"".join(body.readlines()),
        b"".join,
    ],
)
def test_long_body(read: Callable[[Any], bytes]) -> None:
    """Of a long body the beginning is inspected; however it is read, it is whole, and has an end."""
    body = b"line of text\n" * 9_000 + b"attack"
    server = Server(app=Application(read))
    assert server.call("/", body) == "200 OK ok"
    assert server.app.body == body
    assert (server.seen.body, server.seen.body_size) == (body[:16_384], len(body))


def test_terminated_body() -> None:
    """A body without a length that the server ends itself."""
    body = b"a" * 20_000
    server = Server()
    assert server.call("/", Socket(body, ends=True), **{"wsgi.input_terminated": True}) == "200 OK ok"
    assert server.app.body == body
    assert (len(server.seen.body), server.seen.body_size) == (16_384, 16_385)


def test_memory() -> None:
    """A large body is not held."""

    class Endless:
        def read(self, size: int) -> bytes:
            return bytes(min(size, 8_192))

    def read(body: Any) -> int:
        return sum(map(len, iter(lambda: body.read(65_536), b"")))

    server = Server(app=Application(read))
    tracemalloc.start()
    server.call("/", Endless(), CONTENT_LENGTH="100000000")
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
    assert server.app.body == 100_000_000


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({"CONTENT_LENGTH": "x"}, "400"),
        ({"CONTENT_LENGTH": "-1"}, "400"),
        ({"CONTENT_LENGTH": "1" * 16}, "400"),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, "411"),
        ({"CONTENT_LENGTH": ""}, "200"),
    ],
)
def test_body_without_an_end(environ: dict[str, str], status: str) -> None:
    """A body whose end nobody knows is refused; one that is not announced is not to be had."""
    server = Server()
    assert server.call("/", Socket(b"attack", ends=True), **environ)[:3] == status
    assert server.app.body == b""


def test_body_that_ends_early() -> None:
    """A client that leaves amid its body: what came is inspected, and the application sees the end."""
    server = Server()
    assert server.call("/", Socket(b"abc", ends=True), CONTENT_LENGTH="10") == "200 OK ok"
    assert server.app.body == b"abc"
    assert server.call("/", Socket(b"attack", ends=True), CONTENT_LENGTH="10")[:3] == "403"


@pytest.mark.parametrize(
    ("environ", "seen"),
    [
        ({"REQUEST_URI": "/a/%2e%2e/b?c", "PATH_INFO": "/a/../b"}, b"/a/%2e%2e/b"),
        ({"RAW_URI": "http://shop.example/%61", "PATH_INFO": "/a"}, b"/%61"),
        ({"REQUEST_URI": "/harmless", "PATH_INFO": "/other"}, b"/other"),
        ({"REQUEST_URI": "/shop/%61", "SCRIPT_NAME": "/shop", "PATH_INFO": "/a"}, b"/shop/%61"),
        ({"PATH_INFO": "/\xc3\xa9 %"}, b"/%C3%A9%20%25"),
        ({"REQUEST_URI": "/\u0100", "PATH_INFO": "/x"}, b"/x"),
        ({"PATH_INFO": ""}, b""),
    ],
)
def test_path(environ: dict[str, str], seen: bytes) -> None:
    """The path as it was sent counts only if the application goes by the same."""
    server = Server()
    server.call(**environ)
    assert server.seen.uri_path == seen


def test_inserted_headers() -> None:
    """What the decision inserts is there, and nothing that a client calls the same."""
    server = Server()
    server.call("/marked", HTTP_X_AMZN_WAF_MARK="forged", HTTP_X_AMZN_WAF_OTHER="forged", HTTP_A="b")
    environ = server.app.environs[0]
    assert environ["HTTP_X_AMZN_WAF_MARK"] == "yes"
    assert "HTTP_X_AMZN_WAF_OTHER" not in environ
    assert environ["HTTP_A"] == "b"


def test_inspection_fails() -> None:
    """What could not be inspected is refused, whatever the operator says: clients may bring it about."""
    assert Server().call("/crash").startswith("503 Service Unavailable 503 Service Unavailable: it could not")
    assert Server(fail_open=True).call("/crash").startswith("503 ")


def test_before_there_is_a_plan() -> None:
    """Requests are refused, or pass if the operator has said so."""
    unplanned = FollowingInspector(Plans())
    assert "no plan to inspect it by" in Server(rules=unplanned).call()
    assert Server(rules=unplanned, fail_open=True).call() == "200 OK ok"


@pytest.mark.parametrize(
    ("peer", "trusted", "forwarded", "expected"),
    [
        ("203.0.113.4", (), "6.6.6.6", "203.0.113.4"),
        ("10.0.0.1", "10.0.0.0/8", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("", ("unix:",), "203.0.113.9", "203.0.113.9"),
        ("", (), "203.0.113.9", "503"),
        (None, (), "203.0.113.9", "503"),
    ],
)
def test_source(peer: str | None, trusted: Any, forwarded: str, expected: str) -> None:
    """The peer's address counts, and what trusted proxies say; where there is neither, nothing passes."""
    server = Server(trusted_proxies=trusted)
    said = server.call("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert (server.seen.source_ip if said.startswith("200") else said[:3]) == expected


def test_scheme() -> None:
    """A trusted proxy that ends TLS says so."""
    server = Server(trusted_proxies="10.0.0.0/8")
    for peer, expected in (("10.0.0.1", "https"), ("203.0.113.4", "http")):
        server.call("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")
        assert server.seen.scheme == expected


def test_own_status() -> None:
    """A status without a name of its own is passed on."""

    class Odd(Rules):
        def inspect(self, request: WebRequest, now: float) -> Any:
            blocked = super().inspect(request, now)
            return type(blocked)("BLOCK", response=type(blocked.response)(299, (), b"odd"))

    assert Server(Odd()).call("/attack") == "299 Refused odd"


def test_by_the_rules() -> None:
    """Both sides keep to PEP 3333, as the standard library's checker reads it."""

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(5)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]

    checked = validator(WafMiddleware(validator(app), inspector=Rules()))
    for path, expected in (("/", b"hello"), ("/crash", b"503")):
        environ = {
            "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "",
            "SERVER_NAME": "shop", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "203.0.113.4", "CONTENT_LENGTH": "5", "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(b"hello"), "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip
        answer = checked(environ, lambda *_: lambda _: None)
        assert b"".join(answer).startswith(expected)
        answer.close()  # type: ignore[attr-defined]  # the checker's have it
