"""One process that serves: the edge on an event loop, from its first connection to its last."""

import asyncio
import gc
import logging
import resource
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from masugata.edge.access_log import AccessLog
from masugata.edge.connection import RETIRE_SECONDS
from masugata.edge.forward_auth import connection_for
from masugata.edge.health import check_for_ever
from masugata.edge.planning.following import follow_plans
from masugata.edge.plans import load_inspectors
from masugata.edge.proxy_protocol import Announced
from masugata.edge.site import Edge, Site
from masugata.edge.tls import Certificates, TlsConnection

_TICK_SECONDS: Final = 0.05
_CERTIFICATE_SECONDS: Final = 2
# Containers that are new before they are looked at: with the 700 of the interpreter the requests under way,
# which are no garbage, are walked through time and again.
_GARBAGE: Final = (20_000, 10, 10)

_log = logging.getLogger("masugata.edge")


class Serving:
    """Serves an edge's sites on sockets that it was given, in their order, until told to end."""

    def __init__(self, edge: Edge, listeners: list[socket.socket]) -> None:
        self._edge = edge
        self._listeners = listeners
        self._certificates: list[Certificates] = []
        self._ended = asyncio.Event()

    async def run(self, ready: Callable[[], None]) -> None:
        """Accept, call `ready`, and return once ended; raises `EdgeSettingsError` or OSError."""
        edge = self._edge
        limit_files()
        if edge.settings.access_log is not None:
            edge.log = AccessLog(edge.settings.access_log)
        loop = asyncio.get_running_loop()
        servers = []
        following = [] if edge.settings.shared is None else follow_plans(edge.settings.shared, edge.sites)
        for site, listener in zip(edge.sites, self._listeners, strict=True):
            load_inspectors(edge.settings, site.settings, site.plans)
            servers.append(await loop.create_server(self._factory(site), sock=listener, backlog=2048))
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        tasks = [loop.create_task(self._tick_for_ever())]
        tasks += [loop.create_task(site.follow()) for site in following]
        if edge.settings.health_path is not None:
            tasks += [
                loop.create_task(check_for_ever(site, edge.settings.health_path)) for site in edge.sites
            ]
        with ExitStack() as ending:
            for shared in following[:1]:
                ending.callback(shared.close)
            for site_following in following:
                ending.callback(site_following.stop)
            ending.callback(edge.close)
            for task in tasks:
                ending.callback(task.cancel)
            ready()
            await self._ended.wait()
            for server in servers:
                server.close()
            await self._drain()

    def end(self, silence: int = RETIRE_SECONDS) -> None:
        """Accept no more, answer what runs; close connections that are silent for so long."""
        self._edge.retire(silence)
        self._ended.set()

    def end_now(self) -> None:
        """End without waiting for clients."""
        self.end(0)
        self._edge.close()

    def reopen(self) -> None:
        """Open the access log again."""
        if self._edge.log is not None:
            self._edge.log.reopen()

    async def _drain(self) -> None:
        edge, loop = self._edge, asyncio.get_running_loop()
        # What was accepted a moment ago turns up as a connection only when its turn comes.
        await asyncio.sleep(_TICK_SECONDS)
        edge.retire(edge.silence)
        latest = loop.time() + edge.settings.drain_seconds
        while edge.connections and loop.time() < latest:  # noqa: ASYNC110  # nobody is told of the last one
            await asyncio.sleep(_TICK_SECONDS)
        if edge.connections:
            _log.warning("%d connections did not end in time and are cut off", len(edge.connections))

    async def _tick_for_ever(self) -> None:
        edge, loop = self._edge, asyncio.get_running_loop()
        next_second = loop.time()
        while True:
            next_second = max(next_second + 1.0, loop.time())
            await asyncio.sleep(next_second - loop.time())
            edge.advance()
            if edge.tick % _CERTIFICATE_SECONDS == 0:
                for certificates in self._certificates:
                    certificates.refresh()

    def _factory(self, site: Site) -> Callable[[], asyncio.Protocol]:
        """What makes the protocol of a new connection: PROXY header, TLS and HTTP as asked for."""
        follow: Callable[[tuple[str, int] | None], asyncio.Protocol]
        connection = connection_for(site)
        if site.settings.certificate is not None:
            certificates = Certificates(site.settings.certificate)
            self._certificates.append(certificates)

            def follow(behind: tuple[str, int] | None) -> asyncio.Protocol:
                return TlsConnection(site, certificates.context, behind)
        else:

            def follow(behind: tuple[str, int] | None) -> asyncio.Protocol:
                return connection(site, behind=behind)

        if self._edge.announcing:
            return lambda: Announced(site, follow)
        return lambda: follow(None)


def limit_files() -> None:
    """Raise this process's limit of open files as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
