"""Where rulesets come from: files, and the store on this machine."""

import os
from datetime import UTC, datetime
from operator import is_
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from masugata.edge.settings import EdgeSettings, SiteSettings, StoreSettings
from masugata.edge.web_acl_files import load_web_acl
from masugata.engines.waf.definitions import Ruleset
from masugata.errors import MasugataError
from masugata.identity.first_account import first_account
from masugata.records import ALL_KINDS
from masugata.records.wafv2 import WAFV2_KINDS, edge_arn
from masugata.services.wafv2 import register_edge, ruleset_of
from masugata.store import Snapshot, Store, holds_store, open_store

NO_STORE: Final = "there is no installation yet to say how to inspect it"
NO_WEB_ACL: Final = "no web ACL is associated with this edge"


class NotYetError(MasugataError):
    """There is nothing to say how requests are inspected, and that is no failure; the text says why."""


class Found(NamedTuple):
    """What a site is to be inspected by: a ruleset, or why there is none."""

    edge: str
    ruleset: Ruleset | None = None
    reason: str = ""


class Source(Protocol):
    """Brings what is wanted now."""

    def look(self, *, again: bool) -> Found | None:
        """What there is if it may be another than before, else None; raises `MasugataError`.

        `again`: also look where one only looks when told to.
        """


class FileSource:
    """A web ACL in a file, read at the start and when told to."""

    def __init__(self, site: SiteSettings, path: str) -> None:
        self._site = site.name
        self._path = path

    def look(self, *, again: bool) -> Found | None:
        """As `Source.look`."""
        return Found(self._site, load_web_acl(self._path)) if again else None


class StoreOnThisMachine:
    """The store, opened as soon as there is one."""

    def __init__(self, settings: StoreSettings) -> None:
        self._place: Path | str = settings.database or Path(settings.data) / "masugata.db"
        self.region: Final = settings.region
        self._store: Store | None = None

    def open(self) -> tuple[Store, Snapshot]:
        """It, and its state of now; raises `NotYetError` and `StoreError`."""
        if self._store is None:
            if not holds_store(self._place):
                raise NotYetError(NO_STORE)
            self._store = open_store(self._place, ALL_KINDS)
        return self._store, self._store.snapshot()


class StoreSource:
    """The web ACL that is associated with a site's edge."""

    def __init__(self, site: SiteSettings, place: StoreOnThisMachine) -> None:
        self._site = site
        self._place = place
        self._arn: str | None = None
        self._states: tuple[object, ...] = ()

    def look(self, *, again: bool) -> Found | None:
        """As `Source.look`; the first time the edge is registered."""
        store, snapshot = self._place.open()
        if self._arn is None:
            self._arn = self._register(store, snapshot)
            snapshot = store.snapshot()
        states = tuple(snapshot.state_of(kind) for kind in WAFV2_KINDS)
        if not again and len(states) == len(self._states) and all(map(is_, states, self._states)):
            return None
        try:
            ruleset = ruleset_of(snapshot, self._arn)
        except LookupError as error:
            raise MasugataError(f"the web ACL of `{self._arn}` is not whole: {error.args[0]}") from error
        self._states = states
        return Found(self._arn, ruleset, "" if ruleset is not None else NO_WEB_ACL)

    def _register(self, store: Store, snapshot: Snapshot) -> str:
        account = first_account(snapshot)
        if account is None:
            raise NotYetError(NO_STORE)
        site, region = self._site, self._place.region
        edge = store.submit(
            lambda transaction: register_edge(
                transaction,
                account,
                region,
                name=site.name,
                listener=str(site.listen),
                upstreams=tuple(map(str, site.upstreams)),
                now=datetime.now(UTC),
                random=os.urandom,
            )
        ).result()
        return edge_arn(account, region, edge)


class NoSource:
    """Of a site that nobody gave a web ACL."""

    def __init__(self, site: SiteSettings) -> None:
        self._site = site.name

    def look(self, *, again: bool) -> Found | None:
        """As `Source.look`."""
        return Found(self._site, reason="no web ACL was given for it") if again else None


def sources_of(settings: EdgeSettings) -> dict[str, Source]:
    """The source of each site, by name."""
    place = None if settings.store is None else StoreOnThisMachine(settings.store)
    found: dict[str, Source] = {}
    for site in settings.sites:
        if site.web_acl is not None:
            found[site.name] = FileSource(site, site.web_acl)
        else:
            found[site.name] = NoSource(site) if place is None else StoreSource(site, place)
    return found
