"""What answers a server's requests: HTTP in, `Gateway.dispatch`, HTTP out."""

import asyncio
import logging
import re
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from urllib.parse import urlsplit

from masugata.errors import AwsError
from masugata.fibers import Fibers
from masugata.gateway import Gateway
from masugata.server.answers import Answers
from masugata.server.event_groups import EventGroups
from masugata.server.monitoring import SharedMetrics
from masugata.server.operator import OperatorPaths
from masugata.server.proxies import TrustedProxies, plain_address
from masugata.server.request import Request, too_large
from masugata.settings import Settings
from masugata.store import Snapshot
from masugata.wire import HttpRequest, HttpResponse

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", "host.docker.internal")
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::[0-9]{0,5})?")


_log = logging.getLogger(__name__)


class Application:
    """Answers requests of connections by one gateway; see `Answering`."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        self._gateway = gateway
        self._metrics = SharedMetrics(None if settings.ephemeral else settings.data / "run")
        self._operator = OperatorPaths(gateway, settings, self._metrics)
        self._maximum_body = settings.maximum_body_bytes
        public = urlsplit(settings.public_url or "").hostname or settings.host
        hosts = (*_LOOPBACK_NAMES, settings.host, public, *settings.allowed_hosts)
        self._hosts = frozenset(plain_address(host) or host.lower() for host in hosts)
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._in_loop: tuple[asyncio.AbstractEventLoop, Fibers, Answers] | None = None
        self._arrived: list[Request] = []
        self._snapshot: Snapshot | None = None

    @property
    def gateway(self) -> Gateway:
        """Whom it asks."""
        return self._gateway

    def moved(self) -> None:
        """Have the state read anew: bytes have come in on any connection, or an answer has gone out.

        Requests that had all come in when the state was read share it: none of them can know of anything
        later. Who has an answer, of this process or another, sends what follows it afterwards.
        """
        self._snapshot = None

    def _newest(self) -> Snapshot:
        """The newest state, read after the last request had come in and the last answer had gone out."""
        if self._snapshot is None:
            self._snapshot = self._gateway.store.snapshot()
        return self._snapshot

    def close(self) -> None:
        """Leave this process's numbers to the others."""
        self._metrics.close()

    def admit(self, headers: tuple[tuple[str, str], ...], peer: str, *, secure: bool) -> tuple[str, bool]:
        """Where a request comes from and whether all its way was TLS; raises `AwsError`."""
        self._check(headers)
        return self._proxies.client(headers, peer, secure=secure)

    def refuse(self, http: HttpRequest, error: AwsError) -> HttpResponse:
        """The answer to a request that was not admitted."""
        return self._gateway.refuse(http, error)

    def answer(self, request: Request) -> None:
        """Have a request answered, together with all that come in the same turn of the event loop."""
        loop, _, _ = self._in_loop or self._join_loop()
        self._arrived.append(request)
        if len(self._arrived) == 1:
            loop.call_soon(self._begin)

    def _join_loop(self) -> tuple[asyncio.AbstractEventLoop, Fibers, Answers]:
        """Become part of the event loop that serves it, at the first request."""
        loop = asyncio.get_running_loop()
        self._gateway.recorder = EventGroups(self._gateway.store, loop).record
        self._in_loop = loop, Fibers(), Answers(loop)
        return self._in_loop

    def _begin(self) -> None:
        loop, fibers, _ = self._in_loop or self._join_loop()
        arrived, self._arrived = self._arrived, []
        self._metrics.flush_soon(loop)
        for request in arrived:
            operator = request.path.startswith("/_masugata/")
            ask = self._operator.answer if operator else self._dispatch
            fibers.start(partial(self._answer, request, ask))

    def _dispatch(self, http: HttpRequest) -> "Future[HttpResponse]":
        return self._gateway.dispatch(http, newest=self._newest)

    def _answer(self, request: Request, ask: "Callable[[HttpRequest], Future[HttpResponse]]") -> None:
        _, _, answers = self._in_loop or self._join_loop()
        try:
            answer = ask(request.http())
        except Exception:  # noqa: BLE001  # the last line of defence: log all, say nothing
            _log.exception("a request could not be answered")
            self._reply(request, HttpResponse(status=500))
            return
        if answer.done():
            self._reply(request, answer.result())
        else:
            answers.bring(answer, partial(self._reply, request))

    def _reply(self, request: Request, response: HttpResponse) -> None:
        if self._in_loop is not None:
            self._metrics.flush_soon(self._in_loop[0])
        request.reply(response)

    def _check(self, headers: tuple[tuple[str, str], ...]) -> None:
        """Raise what is wrong with the request before its body is read."""
        hosts = [value for name, value in headers if name == "host"]
        if len(hosts) != 1:
            raise AwsError("InvalidHost", f"The request has {len(hosts)} Host headers instead of one.", 400)
        if not self._serves(hosts[0].lower()):
            raise AwsError(
                "InvalidHost",
                f"The host `{hosts[0][:255]}` is not served here; add it to the setting allowed_hosts.",
                421,
            )
        for name, length in headers:
            if name == "content-length" and (not _is_number(length) or int(length) > self._maximum_body):
                raise too_large(self._maximum_body)

    def _serves(self, header: str) -> bool:
        found = _HOST.fullmatch(header)
        if found is None:
            return False
        host = plain_address(found[1]) or found[1]
        return host in self._hosts or host.endswith(".localhost")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18
