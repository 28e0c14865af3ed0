"""The ASGI callable: HTTP in, `Gateway.dispatch`, HTTP out."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from masugata.errors import AwsError
from masugata.fibers import Fibers
from masugata.gateway import Gateway
from masugata.server.answers import Answers
from masugata.server.connection import HEAD_LIMIT
from masugata.server.event_groups import EventGroups
from masugata.server.monitoring import SharedMetrics
from masugata.server.operator import OperatorPaths
from masugata.server.proxies import TrustedProxies, plain_address
from masugata.settings import Settings
from masugata.store import Snapshot
from masugata.wire import HttpRequest, HttpResponse

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "host.docker.internal")
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{0,5})?")


class _DisconnectedError(Exception):
    """The client is gone before its request was complete."""


class Application:
    """One ASGI application around one gateway."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self._metrics = SharedMetrics(None if settings.ephemeral else settings.data / "run")
        self._operator = OperatorPaths(gateway, settings, self._metrics)
        self._maximum_body = settings.maximum_body_bytes
        public = urlsplit(settings.public_url or "").hostname or settings.host
        hosts = (*_LOOPBACK_NAMES, settings.host, public, *settings.allowed_hosts)
        self._hosts = frozenset(plain_address(host) or host.lower() for host in hosts)
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._in_loop: tuple[Fibers, Answers] | None = None
        self._snapshot: Snapshot | None = None
        self._shares = False

    @property
    def gateway(self) -> Gateway:
        """Whom it asks."""
        return self._gateway

    def share_reading(self) -> Callable[[], None]:
        """Let requests share a reading of the newest state; what this gives must be called on every move.

        A move is that bytes have come in on any connection, or that an answer has gone out. Requests that
        had all come in when the state was read may share it: none of them can know of anything later. Who
        has an answer, of this process or another, sends what follows it afterwards.
        """
        self._shares = True
        return self._move

    def _move(self) -> None:
        self._snapshot = None

    def _newest(self) -> Snapshot:
        """The newest state, read after the last request had come in and the last answer had gone out."""
        if self._snapshot is not None:
            return self._snapshot
        snapshot = self._gateway.store.snapshot()
        if self._shares:
            self._snapshot = snapshot
        return snapshot

    def close(self) -> None:
        """Leave this process's numbers to the others."""
        self._metrics.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            response = await self._answer(scope, receive)
        except _DisconnectedError:
            return
        self._metrics.flush_soon(asyncio.get_running_loop())
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        # An answer that can have no body has no length of one, RFC 9110 says.
        if response.status not in (204, 304):
            headers.append((b"content-length", b"%d" % len(response.body)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: Scope, receive: Receive) -> HttpResponse:
        http = _request(scope)
        try:
            self._check(http)
            source_ip, secure = self._proxies.client(http.headers, http.source_ip, secure=http.secure)
            body = await self._body(receive)
        except AwsError as error:
            return _close(self._gateway.refuse(http, error))
        # Only the body is new: what a server may add to the headers meanwhile has not been checked.
        http = msgspec.structs.replace(http, body=body, source_ip=source_ip, secure=secure)
        if http.path.startswith("/_masugata/"):
            return await self._operator.answer(http)
        fibers, answers = self._in_loop or self._join_loop()
        future = await fibers.run(lambda: self._gateway.dispatch(http, newest=self._newest))
        # What has been handed in is done, whatever becomes of the one who waits for the answer.
        return future.result() if future.done() else await answers.of(future)

    def _join_loop(self) -> tuple[Fibers, Answers]:
        """Become part of the event loop that serves it, at the first request."""
        loop = asyncio.get_running_loop()
        self._gateway.recorder = EventGroups(self._gateway.store, loop).record
        self._in_loop = Fibers(), Answers(loop)
        return self._in_loop

    def _check(self, http: HttpRequest) -> None:
        """Raise what is wrong with the request before its body is read."""
        if sum(len(name) + len(value) for name, value in http.headers) > HEAD_LIMIT:
            raise AwsError("RequestHeaderSectionTooLarge", "The request's headers are too large.", 431)
        hosts = [value for name, value in http.headers if name == "host"]
        if len(hosts) != 1:
            raise AwsError("InvalidHost", f"The request has {len(hosts)} Host headers instead of one.", 400)
        if not self._serves(hosts[0].lower()):
            raise AwsError(
                "InvalidHost",
                f"The host `{hosts[0][:255]}` is not served here; add it to the setting allowed_hosts.",
                421,
            )
        length = http.header("content-length")
        if length is not None and (not _is_number(length) or int(length) > self._maximum_body):
            raise self._too_large()

    def _serves(self, header: str) -> bool:
        found = _HOST.fullmatch(header)
        if found is None:
            return False
        host = plain_address(found[1]) or found[1]
        return host in self._hosts or host.endswith(".localhost")

    async def _body(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _DisconnectedError
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > self._maximum_body:
                raise self._too_large()
            if not message.get("more_body", False):
                return b"".join(chunks)

    def _too_large(self) -> AwsError:
        text = f"The request body exceeds {self._maximum_body} bytes."
        return AwsError("RequestEntityTooLarge", text, 413)


def _request(scope: Scope) -> HttpRequest:
    """The request without its body, from the peer as it is."""
    return HttpRequest(
        method=scope["method"],
        path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"]),
        source_ip=scope["client"][0] if scope.get("client") else "",
        secure=scope["scheme"] == "https",
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _close(response: HttpResponse) -> HttpResponse:
    """The same answer, and the end of the connection: an unread body would follow on it."""
    return msgspec.structs.replace(response, headers=(*response.headers, ("connection", "close")))
