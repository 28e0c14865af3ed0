"""Edges of an ephemeral server: its store is in the memory of one process, so they ask its API.

They are made known while it starts, under ids that were chosen before.
"""

import os
from collections.abc import Callable
from datetime import datetime

from masugata.edge.planning.published import plan_file
from masugata.edge.settings import EndpointSettings, SiteSettings
from masugata.gateway import Gateway
from masugata.records.wafv2 import Edge, edge_arn
from masugata.server import First, credentials_path, utc_now
from masugata.server.run import tls
from masugata.services.wafv2 import register_edge
from masugata.settings import Settings
from masugata.store import Transaction


class EdgesInMemory:
    """The sites of `up --ephemeral --edge`."""

    def __init__(self, settings: Settings, sites: tuple[SiteSettings, ...]) -> None:
        self._settings = settings
        self._ids = {site: os.urandom(8) for site in sites}

    def endpoint(self, url: str) -> EndpointSettings:
        """Whom they ask, and under what ARNs; the server of this URL need not answer yet.

        Plans that a run before left are of web ACLs that are gone, and its keys are nobody's any more: until
        the server has written new ones, it is not asked.
        """
        settings, now, files = self._settings, utc_now(), tls(self._settings)
        credentials_path(settings).unlink(missing_ok=True)
        for site in self._ids:
            plan_file(settings.data / "edge", site.name).unlink(missing_ok=True)
        arns = {
            site.name: edge_arn(settings.account_id, settings.region, _record(site, id_, now))
            for site, id_ in self._ids.items()
        }
        return EndpointSettings(
            url,
            str(settings.data.absolute()),
            arns,
            credentials=str(credentials_path(settings).absolute()),
            authority=str(files.authority.absolute()) if files and files.authority else None,
        )

    def registering(self, first: First | None) -> First:
        """Makes them known before anybody is answered, and then does what else is to be done first."""

        def register(gateway: Gateway, stopping: Callable[[], bool]) -> None:
            gateway.store.submit(self._register).result()
            if first is not None:
                first(gateway, stopping)

        return register

    def _register(self, transaction: Transaction) -> None:
        for site, id_ in self._ids.items():
            register_edge(
                transaction,
                self._settings.account_id,
                self._settings.region,
                name=site.name,
                listener=str(site.listen),
                upstreams=tuple(map(str, site.upstreams)),
                now=utc_now(),
                random=_always(id_),
            )


def _always(id_: bytes) -> Callable[[int], bytes]:
    return lambda _: id_


def _record(site: SiteSettings, id_: bytes, now: datetime) -> Edge:
    return Edge(name=site.name, id=id_.hex(), listener="", upstreams=(), created=now, last_started=now)
