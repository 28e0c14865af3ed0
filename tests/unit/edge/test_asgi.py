"""The ASGI middleware, called as servers call it."""

import asyncio
from typing import Any

import pytest

from edge_house import Rules
from masugata.edge.asgi import Message, Receive, Scope, Send, WafMiddleware
from masugata.edge.inspectors import FollowingInspector
from masugata.edge.plans import Plans
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import WebRequest


class Application:
    """Reads all of the body, remembers what it was given, and answers `ok`."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.body = b""
        self.largest = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        self.scopes.append(scope)
        if scope["type"] != "http":
            await receive()
            await send({"type": f"{scope['type']}.answered"})
            return
        self.body, more = b"", True
        while more:
            message = await receive()
            assert message["type"] == "http.request"
            self.body += message["body"]
            self.largest = max(self.largest, len(message["body"]))
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


class Server:
    """Calls the middleware, with the pieces of a body, and keeps what it sends."""

    def __init__(self, *pieces: Message, rules: Any = None, **options: Any) -> None:
        self.app = Application()
        self.rules = rules or Rules()
        self.middleware = WafMiddleware(self.app, inspector=self.rules, **options)
        self.sent: list[Message] = []
        self.given = 0
        self._pieces = list(pieces or [request(b"")])

    async def _receive(self) -> Message:
        self.given += 1
        return self._pieces[self.given - 1]

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def call(self, path: str = "/", *headers: tuple[bytes, bytes], **scope: Any) -> int | None:
        """The status that is answered, if one is."""
        said: Scope = {
            "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": list(headers),
            "client": ("203.0.113.4", 1), "scheme": "http", "http_version": "1.1",
        }  # fmt: skip
        asyncio.run(self.middleware(said | scope, self._receive, self._send))
        return self.sent[0].get("status") if self.sent else None

    @property
    def seen(self) -> WebRequest:
        """What was inspected last."""
        return self.rules.seen[-1]


def request(body: bytes, *, more: bool = False) -> Message:
    """A piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_request() -> None:
    """A request is inspected as it was sent, and the application gets it unchanged."""
    server = Server(request(b"a=b"))
    headers = ((b"Host", b"shop.example"), (b"content-length", b"3"))
    scope = {"raw_path": b"/caf%C3%A9", "query_string": b"q=%20", "scheme": "https", "method": "POST"}
    assert server.call("/café", *headers, **scope) == 200
    seen = server.seen
    assert (seen.method, seen.uri_path, seen.query_string) == (b"POST", b"/caf%C3%A9", b"q=%20")
    assert (seen.body, seen.body_size, seen.scheme, seen.source_ip) == (b"a=b", 3, "https", "203.0.113.4")
    assert seen.headers == ((b"host", b"shop.example"), (b"content-length", b"3"))
    assert server.app.body == b"a=b"
    assert server.app.scopes[0]["headers"] == list(headers)


def test_blocked() -> None:
    """What is blocked is answered by the decision; the application is not called."""
    server = Server()
    assert server.call("/attack") == 403
    assert server.sent == [
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [(b"x-why", b"attack"), (b"content-length", b"7")],
        },
        {"type": "http.response.body", "body": b"blocked"},
    ]
    assert server.app.scopes == []


def test_head() -> None:
    """The answer to HEAD has no body, and the length that it would have."""
    server = Server()
    assert server.call("/attack", method="HEAD") == 403
    assert (b"content-length", b"7") in server.sent[0]["headers"]
    assert server.sent[1]["body"] == b""


def test_body_in_pieces() -> None:
    """A body is inspected whole, however it comes."""
    assert Server(request(b"att", more=True), request(b"", more=True), request(b"ack")).call() == 403


def test_long_body() -> None:
    """The beginning of a long body is inspected, the rest streams, nothing is lost and little is held."""
    piece = b"a" * 50_000
    server = Server(*(request(piece, more=True) for _ in range(99)), request(b"attack"))
    assert server.call("/", (b"content-length", b"4950006")) == 200
    assert server.app.body == piece * 99 + b"attack"
    assert (server.seen.body, server.seen.body_size) == (b"a" * 16_384, 4_950_006)
    assert server.app.largest == len(piece)


@pytest.mark.parametrize(("length", "size"), [(None, 20), (b"x", 20), (b"1", 20), (b"99", 99)])
def test_size_of_a_longer_body(length: bytes | None, size: int) -> None:
    """What is not known of a body's size is more than what is inspected."""
    server = Server(request(b"a" * 20, more=True), request(b"b"), inspected_body=10)
    assert server.call("/", *([(b"content-length", length)] if length else [])) == 200
    assert (server.seen.body, server.seen.body_size) == (b"a" * 10, size)
    assert server.app.body == b"a" * 20 + b"b"


def test_body_of_just_the_size() -> None:
    """A body that ends with what is inspected is not taken for a longer one."""
    server = Server(request(b"a" * 10, more=True), request(b""), inspected_body=10)
    assert server.call() == 200
    assert server.seen.body_size == 10


def test_disconnect() -> None:
    """A client that leaves amid its body has asked nothing; later the application hears of it."""
    server = Server(request(b"a", more=True), {"type": "http.disconnect"})
    assert server.call() is None
    assert server.rules.seen == server.app.scopes == []
    late = Server(request(b"a" * 20, more=True), {"type": "http.disconnect"}, inspected_body=10)
    with pytest.raises(AssertionError, match=r"http\.disconnect"):
        late.call()


@pytest.mark.parametrize(
    ("path", "raw", "seen"),
    [
        ("/a/../b", b"/a/%2e%2e/b", b"/a/%2e%2e/b"),
        ("/a", b"/a?b", b"/a"),
        ("/other", b"/harmless", b"/other"),
        ("/é %", None, b"/%C3%A9%20%25"),
        ("/a;b=c,d", None, b"/a;b=c,d"),
        ("/�", b"/%ff", b"/%ff"),
    ],
)
def test_path(path: str, raw: bytes | None, seen: bytes) -> None:
    """The path as it was sent counts only if the application goes by the same."""
    server = Server()
    server.call(path, **({} if raw is None else {"raw_path": raw}))
    assert server.seen.uri_path == seen


def test_inserted_headers() -> None:
    """What the decision inserts is there once, whatever the client calls its own headers."""
    server = Server()
    server.call("/marked", (b"X-Amzn-Waf-Mark", b"forged"), (b"x_amzn_waf_other", b"forged"), (b"a", b"b"))
    assert server.app.scopes[0]["headers"] == [(b"a", b"b"), (b"x-amzn-waf-mark", b"yes")]


@pytest.mark.parametrize("path", ["/crash", "/unsound", "/unsound-response"])
def test_inspection_fails(path: str) -> None:
    """What could not be inspected is refused, whatever the operator says: clients may bring it about."""

    class Unsound(Rules):
        def inspect(self, request: WebRequest, now: float) -> Decision:
            if request.uri_path == b"/unsound":
                return Decision("ALLOW", inserted_headers=(("x-amzn-waf-a", "b\r\nc: d"),))
            found = super().inspect(request, now)
            if request.uri_path == b"/unsound-response":
                return Decision("BLOCK", response=type(BLOCK)(99))
            return found

    assert Server(rules=Unsound()).call(path) == 503
    assert Server(rules=Unsound(), fail_open=True).call(path) == 503


def test_before_there_is_a_plan() -> None:
    """Requests are refused, or pass if the operator has said so."""
    assert Server(rules=FollowingInspector(Plans())).call() == 503
    server = Server(rules=FollowingInspector(Plans()), fail_open=True)
    assert server.call() == 200
    assert server.app.scopes


BLOCK = Rules().inspect(WebRequest(method=b"GET", uri_path=b"/attack"), 2e9).response


@pytest.mark.parametrize(
    ("client", "trusted", "forwarded", "expected"),
    [
        (("203.0.113.4", 1), (), b"6.6.6.6", "203.0.113.4"),
        (("10.0.0.1", 1), ("10.0.0.0/8",), b"6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (("10.0.0.1", 1), ("10.0.0.0/8",), None, "10.0.0.1"),
        (("::ffff:203.0.113.4", 1), (), None, "203.0.113.4"),
        (None, ("unix:",), b"203.0.113.9", "203.0.113.9"),
        (None, ("unix:",), None, 400),
        (None, (), b"203.0.113.9", 503),
        (("testclient", 1), ("unix:",), b"203.0.113.9", 503),
        (("10.0.0.1", 1), ("10.0.0.0/8",), b"unknown", 400),
    ],
)
def test_source(
    client: tuple[str, int] | None, trusted: tuple[str, ...], forwarded: bytes | None, expected: Any
) -> None:
    """The peer's address counts, and what trusted proxies say; where there is neither, nothing passes."""
    server = Server(trusted_proxies=trusted)
    headers = [] if forwarded is None else [(b"X-Forwarded-For", forwarded)]
    status = server.call("/", *headers, client=client)
    assert (server.seen.source_ip if status == 200 else status) == expected


@pytest.mark.parametrize(
    ("peer", "said", "expected"),
    [
        ("10.0.0.1", [b"https"], "https"),
        ("10.0.0.1", [b"https, HTTPS", b"https"], "https"),
        ("10.0.0.1", [b"https", b"http"], "http"),
        ("10.0.0.1", [b"wss"], "http"),
        ("10.0.0.1", [], "http"),
        ("203.0.113.4", [b"https"], "http"),
    ],
)
def test_scheme(peer: str, said: list[bytes], expected: str) -> None:
    """A trusted proxy that ends TLS says so; a client does not, nor does one proxy for another."""
    server = Server(trusted_proxies="10.0.0.0/8")
    server.call("/", *((b"X-Forwarded-Proto", value) for value in said), client=(peer, 1))
    assert server.seen.scheme == expected


def test_websocket() -> None:
    """A handshake is inspected as the request that it is, and passes on."""
    server = Server({"type": "websocket.connect"})
    server.call("/marked", type="websocket", scheme="wss")
    assert (server.seen.method, server.seen.scheme, server.seen.body_size) == (b"GET", "https", 0)
    assert server.sent == [{"type": "websocket.answered"}]
    assert server.app.scopes[0]["headers"] == [(b"x-amzn-waf-mark", b"yes")]


def test_websocket_blocked() -> None:
    """A handshake that is blocked is answered by the decision where the server can, and else closed."""
    plain = Server({"type": "websocket.connect"})
    plain.call("/attack", type="websocket")
    assert [message["type"] for message in plain.sent] == ["websocket.close"]
    told = Server({"type": "websocket.connect"})
    told.call("/attack", type="websocket", extensions={"websocket.http.response": {}})
    assert [message["type"] for message in told.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert told.sent[0]["status"] == 403
    assert plain.app.scopes == told.app.scopes == []


def test_lifespan() -> None:
    """Starting and stopping is the application's own."""
    server = Server({"type": "lifespan.startup"})
    asyncio.run(server.middleware({"type": "lifespan"}, server._receive, server._send))
    assert server.sent == [{"type": "lifespan.answered"}]


def test_unknown_connections() -> None:
    """What nobody inspects does not pass."""
    with pytest.raises(NotImplementedError, match="carrier pigeon"):
        Server().call(type="carrier pigeon")


def test_at_once() -> None:
    """Requests that wait for their bodies do not wait for each other."""
    server = Server()
    gates = [asyncio.Event() for _ in range(50)]

    async def one(number: int) -> None:
        async def receive() -> Message:
            await gates[number].wait()
            return request(b"attack" if number % 2 else b"fine")

        scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "client": ("203.0.113.4", 1)}
        await server.middleware(scope, receive, server._send)

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(one(number)) for number in range(50)]
            for gate, task in zip(reversed(gates), reversed(running), strict=True):
                gate.set()
                await task

    asyncio.run(main())
    assert [message["status"] for message in server.sent if "status" in message] == [403, 200] * 25


@pytest.mark.parametrize(
    "options", [{"inspected_body": -1}, {"inspected_body": 65_537}, {"trusted_proxies": ["nobody"]}]
)
def test_options(options: dict[str, Any]) -> None:
    """Options that mean nothing are refused when the application starts."""
    with pytest.raises(ValueError, match=r"inspected_body|nobody"):
        Server(**options)
