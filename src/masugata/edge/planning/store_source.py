"""Rulesets from the store on this machine: the web ACL that is associated with a site's edge."""

import os
from datetime import UTC, datetime
from operator import is_
from pathlib import Path
from typing import Final

from masugata.edge.planning.sources import Found, NotYetError
from masugata.edge.settings import SiteSettings, StoreSettings
from masugata.errors import MasugataError
from masugata.identity.first_account import first_account
from masugata.records import ALL_KINDS
from masugata.records.wafv2 import WAFV2_KINDS, edge_arn
from masugata.services.wafv2 import register_edge, ruleset_of
from masugata.store import Snapshot, Store, holds_store, open_store

NO_STORE: Final = "there is no installation yet to say how to inspect it"
NO_WEB_ACL: Final = "no web ACL is associated with this edge"


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
