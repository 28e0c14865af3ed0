"""uvicorn's server, with an end of our own: at a signal, or retiring before a replacement."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from masugata.server.application import Application
from masugata.server.connection import Connection, connection_class
from masugata.settings import Settings
from masugata.sockets import BACKLOG

RETIRE_SECONDS = 10.0  # of silence, before a retiring server closes a connection that nobody uses
_TICK_SECONDS = 0.05
_HANDSHAKE_SECONDS = 2.0  # for TLS connections that were accepted and are not yet known as connections


class HttpServer(uvicorn.Server):
    """Serves one application on sockets that it was given, until it is told to stop or to retire.

    uvicorn raises a signal again when it has stopped, which for SIGTERM ends the process before the
    store is closed: the last events would be lost. And it closes idle connections at once, which
    loses the requests that are on their way over them: right for a server that ends, wrong for one
    that is replaced.
    """

    def __init__(
        self,
        application: Application,
        settings: Settings,
        certificate: Path | None = None,
        key: Path | None = None,
        *,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection_class = connection_class(application, settings.maximum_body_bytes)
        super().__init__(_config(self._connection_class, certificate, key))
        self._tell_started = started
        self._retiring = False

    def stop(self) -> None:
        """Accept nothing more, answer what runs, end; a second call changes nothing."""
        self._retiring = False
        self.should_exit = True

    def stop_now(self) -> None:
        """End without waiting for clients."""
        self.stop()
        self.force_exit = True

    def retire(self) -> None:
        """Leave the work to others who accept on the same sockets, without a client noticing.

        No connection is accepted any more. Each one that is open has its next request answered with
        `Connection: close`; only what was silent for `RETIRE_SECONDS` is closed without a word.
        """
        self._retiring = True
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever runs the server."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to accept, and say so."""
        await super().startup(sockets)
        self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; a retiring server lets its connections end first."""
        if self._retiring:
            await self._retire_connections()
        await super().shutdown(sockets)

    async def _retire_connections(self) -> None:
        for server in self.servers:
            server.close()
        self._connection_class.retiring = True
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.retire()
        loop = asyncio.get_running_loop()
        start = loop.time()
        # What was accepted a moment ago turns up as a connection only when its turn, or its handshake, comes.
        least = start + (_HANDSHAKE_SECONDS if self.config.is_ssl else _TICK_SECONDS)
        while self._retiring and (now := loop.time()) < start + RETIRE_SECONDS:
            if now > least and not self.server_state.connections:
                return
            await asyncio.sleep(_TICK_SECONDS)


def _config(connection: type[Connection], certificate: Path | None, key: Path | None) -> uvicorn.Config:
    return uvicorn.Config(
        _no_application,
        interface="asgi3",
        loop="uvloop",
        http=connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        ssl_certfile=str(certificate) if certificate else None,
        ssl_keyfile=str(key) if key else None,
    )


async def _no_application(_scope: object, _receive: object, _send: object) -> None:
    """In the place of an ASGI application: connections are answered without one."""
