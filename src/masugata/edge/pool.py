"""The upstreams of a site: which one is asked, over which connection, and which are out of order."""

import asyncio
import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final

from masugata.edge.settings import Address
from masugata.edge.upstream import UpstreamConnection

if TYPE_CHECKING:
    from masugata.edge.client import ClientConnection
    from masugata.edge.site import Site

FAILURES: Final = 3
"""So many failures in a row, and an upstream is out of order for a while."""
OUT_OF_ORDER_SECONDS: Final = 10

_log = logging.getLogger("masugata.edge")


class Upstream:
    """One address, with the connections to it that wait for a request."""

    __slots__ = ("address", "busy", "failures", "healthy", "idle", "out_until")

    def __init__(self, address: Address) -> None:
        self.address = address
        self.idle: deque[UpstreamConnection] = deque()
        self.busy = 0
        self.failures = 0
        self.out_until = 0
        self.healthy = True
        """What the last active check found."""

    def failed(self, tick: int) -> None:
        """Note that it could not be reached, or broke a connection off."""
        self.failures += 1
        if self.failures >= FAILURES:
            if not self.out_until:
                _log.warning("upstream %s is out of order", self.address)
            self.out_until = tick + OUT_OF_ORDER_SECONDS

    def answered(self) -> None:
        """Note that it works."""
        if self.failures:
            if self.out_until:
                _log.warning("upstream %s works again", self.address)
            self.failures = self.out_until = 0


class Pool:
    """The upstreams of one site."""

    def __init__(self, site: "Site") -> None:
        self._edge = site.edge
        self._limits = site.edge.settings
        self.upstreams = [Upstream(address) for address in site.settings.upstreams]
        self._connecting: set[asyncio.Task[None]] = set()

    def acquire(self, client: "ClientConnection", *, safe: bool, fresh: bool) -> UpstreamConnection | None:
        """A connection that waits for a request, or None; the client is then given one later.

        With `fresh` none that was used before is taken: its other end may just have closed it. A request
        that is not `safe` could not be sent again then, so it gets only what was used a moment ago.
        """
        upstream = self.upstreams[0] if len(self.upstreams) == 1 else self._choose(())
        idle = upstream.idle
        while idle and not fresh:
            connection = idle.pop()
            if connection.closed:
                continue
            if not safe and connection.idle_since < self._edge.tick - 1:
                idle.append(connection)
                break
            upstream.busy += 1
            return connection
        task = asyncio.get_running_loop().create_task(self._connect(client, upstream))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return None

    @property
    def tick(self) -> int:
        """The time of the edge."""
        return self._edge.tick

    def release(self, connection: UpstreamConnection, *, reusable: bool) -> None:
        """Take a connection back whose exchange has ended."""
        upstream = connection.upstream
        upstream.busy -= 1
        if reusable and len(upstream.idle) < self._limits.idle_upstream_connections:
            connection.idle_since = self._edge.tick
            upstream.idle.append(connection)
        else:
            connection.close()

    def trim(self, tick: int) -> None:
        """Close what has waited for long: sooner than the other end does it."""
        oldest = tick - self._limits.upstream_idle_seconds
        for upstream in self.upstreams:
            idle = upstream.idle
            while idle and (idle[0].closed or idle[0].idle_since <= oldest):
                idle.popleft().close()

    def close(self) -> None:
        """Close all that wait."""
        for task in self._connecting:
            task.cancel()
        for upstream in self.upstreams:
            while upstream.idle:
                upstream.idle.popleft().close()

    def _choose(self, tried: tuple[Upstream, ...]) -> Upstream:
        """The least busy one that is in order; if none is, the one that has been out for longest."""
        tick = self._edge.tick
        left = [upstream for upstream in self.upstreams if upstream not in tried]
        good = [upstream for upstream in left if upstream.healthy and upstream.out_until <= tick]
        if good:
            chosen = min(good, key=lambda upstream: upstream.busy)
            if len(good) > 1:  # those that are as busy take turns
                self.upstreams.remove(chosen)
                self.upstreams.append(chosen)
            return chosen
        return min(left, key=lambda upstream: (upstream.healthy is False, upstream.out_until))

    async def _connect(self, client: "ClientConnection", upstream: Upstream) -> None:
        """Connect to this upstream or, as nothing was sent yet, to another one."""
        loop, tried = asyncio.get_running_loop(), [upstream]
        while True:
            upstream.busy += 1
            try:
                async with asyncio.timeout(self._limits.connect_seconds):
                    _, connection = await loop.create_connection(
                        partial(UpstreamConnection, self, upstream),
                        upstream.address.host,
                        upstream.address.port,
                    )
            except (OSError, TimeoutError) as error:
                upstream.busy -= 1
                upstream.failed(self._edge.tick)
                _log.info("cannot connect to upstream %s: %s", upstream.address, error)
                if not client.waits or len(tried) == len(self.upstreams):
                    if client.waits:
                        client.upstream_failed("no upstream can be reached", 502)
                    return
                upstream = self._choose(tuple(tried))
                tried.append(upstream)
                continue
            except BaseException:
                upstream.busy -= 1
                raise
            if client.waits:
                client.upstream_ready(connection)
            else:
                self.release(connection, reusable=True)
            return
