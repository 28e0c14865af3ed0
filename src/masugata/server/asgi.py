"""The ASGI callable: HTTP in, `Gateway.dispatch`, HTTP out."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from masugata.errors import AwsError
from masugata.gateway import Gateway
from masugata.server.operator import OperatorPaths
from masugata.settings import Settings
from masugata.wire import HttpRequest, HttpResponse

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "host.docker.internal"})
_MAXIMUM_HEADER_BYTES = 65_536


class Application:
    """One ASGI application around one gateway."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self._operator = OperatorPaths(gateway, settings)
        self._maximum_body = settings.maximum_body_bytes
        self._hosts = _LOOPBACK_NAMES | {settings.host.lower()} | {h.lower() for h in settings.allowed_hosts}
        self._proxies = [ipaddress.ip_network(n, strict=False) for n in settings.trusted_proxies]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        response = await self._answer(scope, receive)
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [
                    *((name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers),
                    (b"content-length", b"%d" % len(response.body)),
                ],
            }
        )
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: Scope, receive: Receive) -> HttpResponse:
        http = self._request(scope, b"")
        if (problem := self._refusal(http)) is not None:
            return self._close(self._gateway.refuse(http, problem))
        body = await self._body(http, receive)
        if body is None:
            too_large = AwsError(
                "RequestEntityTooLarge", f"The request body exceeds {self._maximum_body} bytes.", 413
            )
            return self._close(self._gateway.refuse(http, too_large))
        http = self._request(scope, body)
        if http.path.startswith("/_masugata/"):
            return await self._operator.answer(http)
        future = self._gateway.dispatch(http)
        return future.result() if future.done() else await asyncio.wrap_future(future)

    def _request(self, scope: Scope, body: bytes) -> HttpRequest:
        headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"])
        source_ip, secure = scope["client"][0] if scope.get("client") else "", scope["scheme"] == "https"
        if self._proxies and self._trusted(source_ip):
            source_ip, secure = self._forwarded(headers, source_ip, secure)
        return HttpRequest(
            method=scope["method"],
            path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            source_ip=source_ip,
            secure=secure,
        )

    def _refusal(self, http: HttpRequest) -> AwsError | None:
        """What is wrong with the request before its body is read."""
        if sum(len(name) + len(value) for name, value in http.headers) > _MAXIMUM_HEADER_BYTES:
            return AwsError("RequestHeaderSectionTooLarge", "The request's headers are too large.", 431)
        host = (http.header("host") or "").lower()
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host
        if name not in self._hosts and not name.endswith(".localhost"):
            return AwsError(
                "InvalidHost",
                f"The host `{name[:255]}` is not served here; add it to the setting allowed_hosts.",
                421,
            )
        length = http.header("content-length")
        if length is not None and (not length.isdigit() or int(length) > self._maximum_body):
            return AwsError(
                "RequestEntityTooLarge", f"The request body exceeds {self._maximum_body} bytes.", 413
            )
        return None

    async def _body(self, http: HttpRequest, receive: Receive) -> bytes | None:
        """The whole body, or None if it is too large."""
        del http
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self._maximum_body:
                return None
            if not message.get("more_body", False):
                return b"".join(chunks)

    def _close(self, response: HttpResponse) -> HttpResponse:
        """The same answer, and the end of the connection: an unread body would follow on it."""
        return HttpResponse(
            status=response.status,
            headers=(*response.headers, ("connection", "close")),
            body=response.body,
        )

    def _trusted(self, address: str) -> bool:
        try:
            peer = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(peer.version == network.version and peer in network for network in self._proxies)

    def _forwarded(
        self, headers: Iterable[tuple[str, str]], source_ip: str, secure: bool
    ) -> tuple[str, bool]:
        """What trusted proxies say of the client: the last address that is not a trusted proxy's."""
        hops: list[str] = []
        for name, value in headers:
            if name == "x-forwarded-for":
                hops += [hop.strip() for hop in value.split(",")]
            elif name == "x-forwarded-proto":
                secure = value.strip().lower() == "https"
        for hop in reversed(hops):
            try:
                ipaddress.ip_address(hop)
            except ValueError:
                break
            source_ip = hop
            if not self._trusted(hop):
                break
        return source_ip, secure
