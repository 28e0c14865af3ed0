"""Where rulesets come from: files, the store on this machine, and a server elsewhere."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from masugata.edge.observing.log_plan import LogPlan
from masugata.edge.settings import EdgeSettings, SiteSettings
from masugata.edge.web_acl_files import load_web_acl
from masugata.engines.waf.definitions import Ruleset
from masugata.errors import MasugataError

if TYPE_CHECKING:
    from masugata.edge.planning.endpoint import Endpoint
    from masugata.edge.planning.store_source import StoreOnThisMachine


NO_WEB_ACL: Final = "no web ACL is associated with this edge"


class NotYetError(MasugataError):
    """There is nothing to say how requests are inspected, and that is no failure; the text says why."""


class Found(NamedTuple):
    """What a site is to be inspected by: a ruleset, or why there is none."""

    edge: str
    ruleset: Ruleset | None = None
    reason: str = ""
    log: LogPlan | None = None
    stamp: tuple[tuple[str, int], ...] = ()
    sampled: bool = False
    data_protection: dict[str, Any] | None = None


class Source(Protocol):
    """Brings what is wanted now."""

    @property
    def checked(self) -> datetime | None:
        """When that was last known, of a source that may be out of reach; None of others."""

    def look(self, *, again: bool) -> Found | None:
        """What there is if it may be another than before, else None; raises `MasugataError`.

        `again`: also look where one only looks when told to.
        """


class FileSource:
    """A web ACL in a file, read at the start and when told to."""

    def __init__(self, site: SiteSettings, path: str) -> None:
        self._site = site.name
        self._path = path
        self.checked = None

    def look(self, *, again: bool) -> Found | None:
        """As `Source.look`."""
        return Found(self._site, load_web_acl(self._path)) if again else None


class NoSource:
    """Of a site that nobody gave a web ACL."""

    def __init__(self, site: SiteSettings) -> None:
        self._site = site.name
        self.checked = None

    def look(self, *, again: bool) -> Found | None:
        """As `Source.look`."""
        return Found(self._site, reason="no web ACL was given for it") if again else None


def place_of(settings: EdgeSettings) -> "StoreOnThisMachine | None":
    """The store, if there is to be one."""
    if settings.store is None:
        return None
    from masugata.edge.planning.store_source import StoreOnThisMachine  # noqa: PLC0415  # heavy

    return StoreOnThisMachine(settings.store, settings.log_sinks)


def endpoint_of(settings: EdgeSettings) -> "Endpoint | None":
    """The server elsewhere, if there is to be one."""
    if settings.endpoint is None:
        return None
    from masugata.edge.planning.endpoint import Endpoint  # noqa: PLC0415

    return Endpoint(settings.endpoint, settings.log_sinks, settings.poll_seconds)


def sources_of(
    settings: EdgeSettings, place: "StoreOnThisMachine | None", endpoint: "Endpoint | None" = None
) -> dict[str, Source]:
    """The source of each site, by name; raises `MasugataError`."""
    return {
        site.name: FileSource(site, site.web_acl) if site.web_acl else _of(site, place, endpoint)
        for site in settings.sites
    }


def _of(site: SiteSettings, place: "StoreOnThisMachine | None", endpoint: "Endpoint | None") -> Source:
    if endpoint is not None:
        from masugata.edge.planning.endpoint_source import EndpointSource  # noqa: PLC0415

        return EndpointSource(site, endpoint)
    if place is None:
        return NoSource(site)
    from masugata.edge.planning.store_source import StoreSource  # noqa: PLC0415

    return StoreSource(site, place)
