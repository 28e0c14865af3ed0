"""One application behind the edge, and all that its connections share in this process."""

import logging
from typing import TYPE_CHECKING, Any

from masugata.edge import counters
from masugata.edge.counters import Counters
from masugata.edge.outbox import Outbox
from masugata.edge.plans import Plans
from masugata.edge.pool import Pool
from masugata.edge.settings import EdgeSettings, SiteSettings
from masugata.edge.sources import Networks, counted

if TYPE_CHECKING:
    from masugata.edge.access_log import AccessLog

_log = logging.getLogger("masugata.edge")


class Edge:
    """The connections of this process, their number, and its clock of whole seconds.

    Deadlines are looked at once a second, all of them: nothing is started or stopped for a request.
    """

    def __init__(self, settings: EdgeSettings, counts: Counters | None = None) -> None:
        self.settings = settings
        self.counters = Counters() if counts is None else counts
        self.trusted = Networks(settings.trusted_proxies)
        self.announcing = Networks(settings.proxy_protocol)
        self.connections: set[Any] = set()
        self.retiring = False
        self.silence = 0
        """Seconds that a retiring edge waits for a connection that nobody uses."""
        self.tick = 0
        self.outbox = Outbox()
        self._addresses: dict[str, int] = {}
        self.sites = [Site(self, site) for site in settings.sites]
        self.log: AccessLog | None = None

    def admit(self, address: str) -> bool:
        """Whether one more connection from this address may be; if so it is counted until `leave`."""
        key = counted(address)
        here = self._addresses.get(key, 0)
        limited = here >= self.settings.connections_per_address and address not in self.trusted
        if limited or len(self.connections) >= self.settings.maximum_connections:
            self.counters[counters.CONNECTIONS_REFUSED] += 1
            return False
        self._addresses[key] = here + 1
        self.counters[counters.CONNECTIONS] += 1
        return True

    def leave(self, address: str) -> None:
        """Count one connection less."""
        key = counted(address)
        left = self._addresses[key] - 1
        if left:
            self._addresses[key] = left
        else:
            del self._addresses[key]

    def advance(self) -> None:
        """A second has passed: end what is too late."""
        self.tick += 1
        tick = self.tick
        for connection in [one for one in self.connections if one.deadline <= tick]:
            try:
                connection.expire()
            except Exception:  # noqa: BLE001  # a clock that stood still would end no other one either
                _log.exception("a connection that was too late did not end as it should")
                connection.abort()
        for site in self.sites:
            site.pool.trim(tick)
        self.counters.publish()
        if self.log is not None:
            self.log.flush()

    def retire(self, silence: int) -> None:
        """Let each connection end with the answer to its running or its next request, or after a silence."""
        self.retiring = True
        self.silence = silence
        for connection in list(self.connections):
            connection.retire()

    def close(self) -> None:
        """End what is left."""
        for connection in list(self.connections):
            connection.abort()
        for site in self.sites:
            site.pool.close()
        self.counters.publish()
        if self.log is not None:
            self.log.flush()


class Site:
    """One application: its upstreams and the plan by which its requests are inspected."""

    def __init__(self, edge: Edge, settings: SiteSettings) -> None:
        self.edge = edge
        self.settings = settings
        self.limits = edge.settings
        self.plans = Plans(inspected_body=edge.settings.inspected_body)
        self.pool = Pool(self)
