"""ASGI middleware that has every request inspected before the application sees it.

Source: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import unquote

from masugata.edge.gate import Gate, is_inserted, quoted, response_of
from masugata.edge.inspection import Inspector
from masugata.engines.waf.decision import Decision
from masugata.engines.waf.request import Header, WebRequest

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_DENIAL = "websocket.http.response"
_SCHEMES = {"ws": "http", "wss": "https"}


class WafMiddleware:
    """Answers what the inspector does not allow, and passes on the rest, bodies unchanged.

    Requests and the handshakes of WebSockets are inspected; the messages of a WebSocket are not. Up to
    `inspected_body` bytes of a body are waited for before the application is called, and what follows
    streams. A request that cannot be inspected is answered 503; with `fail_open` those that come while
    the inspector has no plan pass.
    """

    def __init__(
        self,
        app: App,
        *,
        inspector: Inspector,
        trusted_proxies: Iterable[str] = (),
        inspected_body: int = 16_384,
        fail_open: bool = False,
    ) -> None:
        """`trusted_proxies` are networks whose `X-Forwarded-…` count, or `unix:`. Raises ValueError."""
        self._app = app
        self._gate = Gate(
            inspector, trusted_proxies=trusted_proxies, inspected_body=inspected_body, fail_open=fail_open
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of ASGI's."""
        kind = scope["type"]
        if kind == "lifespan":
            await self._app(scope, receive, send)
        elif kind == "http":
            await self._request(scope, receive, send)
        elif kind == "websocket":
            await self._handshake(scope, receive, send)
        else:
            raise NotImplementedError(f"nobody inspects connections of the type `{kind}`")

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive, self._gate.inspected_body)
        if not await body.begin():
            return  # the client is gone before it had asked
        decision = self._gate.decide(lambda: self._web_request(scope, body))
        if decision.action == "ALLOW":
            await self._app(_passed_on(scope, decision), body.receive, send)
        else:
            await _answer(decision, send, "http.response", bodiless=scope["method"] == "HEAD")

    async def _handshake(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = self._gate.decide(lambda: self._web_request(scope, None))
        if decision.action == "ALLOW":
            await self._app(_passed_on(scope, decision), receive, send)
            return
        await receive()  # `websocket.connect`, which comes first
        if _DENIAL in (scope.get("extensions") or {}):
            await _answer(decision, send, _DENIAL)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})  # the server makes it a 403

    def _web_request(self, scope: Scope, body: "_Body | None") -> WebRequest:
        headers = tuple((name.lower(), value) for name, value in scope["headers"])
        client = scope.get("client")
        peer = client[0] if client else None
        scheme: str = scope.get("scheme") or "http"
        return WebRequest(
            method=scope["method"].encode() if body else b"GET",
            uri_path=_path(scope),
            query_string=scope.get("query_string") or b"",
            http_version=scope.get("http_version", "1.1").encode(),
            headers=headers,
            body=bytes(body.held[: self._gate.inspected_body]) if body else b"",
            body_size=body.size(headers) if body else 0,
            source_ip=self._gate.source(peer, headers),
            scheme=self._gate.scheme(peer, headers, _SCHEMES.get(scheme, scheme)),
        )


class _Body:
    """The body of a request: its beginning is held and given out in one piece, the rest as it comes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.held = bytearray()
        self._receive = receive
        self._most = most
        self._more = True
        self._given = False

    async def begin(self) -> bool:
        """Wait for what is inspected, and a byte to know whether that is all; False if the client is gone."""
        while self._more and len(self.held) <= self._most:
            message = await self._receive()
            if message["type"] != "http.request":
                return False
            self.held += message.get("body") or b""
            self._more = message.get("more_body", False)
        return True

    def size(self, headers: tuple[Header, ...]) -> int:
        """Of all of it, as far as that is known."""
        lengths = [value for name, value in headers if name == b"content-length"]
        if self._more and len(lengths) == 1 and lengths[0].isdigit() and len(lengths[0]) < 16:
            return max(int(lengths[0]), len(self.held))
        return len(self.held)

    async def receive(self) -> Message:
        """What the application calls."""
        if self._given:
            return await self._receive()
        self._given = True
        body, self.held = bytes(self.held), bytearray()
        return {"type": "http.request", "body": body, "more_body": self._more}


def _path(scope: Scope) -> bytes:
    """The path as it was sent, where the server tells it and it is what the application goes by."""
    path: str = scope["path"]
    raw: bytes | None = scope.get("raw_path")
    if raw is not None:
        raw = raw.partition(b"?")[0]
        if unquote(raw.decode("latin-1")) == path:
            return raw
    return quoted(path.encode("utf-8", "surrogatepass"))


def _passed_on(scope: Scope, decision: Decision) -> Scope:
    """The scope with the headers that a decision inserts, and none of their names from the client."""
    headers = [header for header in scope["headers"] if not is_inserted(header[0])]
    headers += [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in decision.inserted_headers
    ]
    return {**scope, "headers": headers}


async def _answer(decision: Decision, send: Send, kind: str, *, bodiless: bool = False) -> None:
    response = response_of(decision)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": f"{kind}.start", "status": response.status, "headers": headers})
    await send({"type": f"{kind}.body", "body": b"" if bodiless else response.body})
