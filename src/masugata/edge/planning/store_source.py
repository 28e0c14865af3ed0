"""Rulesets from the store on this machine: the web ACL that is associated with a site's edge."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import is_
from pathlib import Path
from typing import Any, Final

from masugata.edge.observing.log_plan import LogPlan
from masugata.edge.planning.log_plans import log_plan
from masugata.edge.planning.sources import NO_WEB_ACL, Found, NotYetError
from masugata.edge.settings import SiteSettings, StoreSettings
from masugata.errors import MasugataError
from masugata.feeds import Feeds
from masugata.identity.first_account import first_account
from masugata.records import ALL_KINDS
from masugata.records.wafv2 import (
    LOGGING_CONFIGURATION,
    WAFV2_KINDS,
    WEB_ACL,
    WafName,
    edge_arn,
    logging_key,
    parse_waf_arn,
)
from masugata.services.wafv2 import register_edge, ruleset_of
from masugata.store import Snapshot, Store, holds_store, open_store

NO_STORE: Final = "there is no installation yet to say how to inspect it"


class StoreOnThisMachine:
    """The store, opened as soon as there is one."""

    def __init__(self, settings: StoreSettings, log_sinks: Mapping[str, str]) -> None:
        self._place: Path | str = settings.database or Path(settings.data) / "masugata.db"
        self.region: Final = settings.region
        self.logs: Final = Path(settings.data).absolute() / "waf-logs"
        self.log_sinks: Final = log_sinks
        self.feeds: Final = Feeds(Path(settings.data))
        self._store: Store | None = None

    def open(self) -> tuple[Store, Snapshot]:
        """It, and its state of now; raises `NotYetError` and `StoreError`."""
        if self._store is None:
            if not holds_store(self._place):
                raise NotYetError(NO_STORE)
            self._store = open_store(self._place, ALL_KINDS)
        return self._store, self._store.snapshot()

    def keep(self, key: str, body: bytes) -> None:
        """Keep a note of a worker beside the records; raises as `open`."""
        store, _ = self.open()
        store.touch(key, body)


class StoreSource:
    """The web ACL that is associated with a site's edge."""

    def __init__(self, site: SiteSettings, place: StoreOnThisMachine) -> None:
        self._site = site
        self._place = place
        self._arn: str | None = None
        self._states: tuple[object, ...] = ()
        self._stamp: tuple[tuple[str, int], ...] = ()
        self.checked = None

    def look(self, *, again: bool) -> Found | None:
        """As `Source.look`; the first time the edge is registered."""
        store, snapshot = self._place.open()
        if self._arn is None:
            site = self._site
            upstreams = tuple(map(str, site.upstreams))
            self._arn = register(
                store, self._place.region, name=site.name, listener=str(site.listen), upstreams=upstreams
            )
            snapshot = store.snapshot()
        states, stamp = tuple(snapshot.state_of(kind) for kind in WAFV2_KINDS), self._place.feeds.stamp()
        same = len(states) == len(self._states) and all(map(is_, states, self._states))
        if same and stamp == self._stamp and not again:
            return None
        try:
            ruleset = ruleset_of(snapshot, self._arn)
        except LookupError as error:
            raise MasugataError(f"the web ACL of `{self._arn}` is not whole: {error.args[0]}") from error
        self._states, self._stamp = states, stamp
        if ruleset is None:
            return Found(self._arn, reason=NO_WEB_ACL)
        name = parse_waf_arn(ruleset.web_acl.arn)
        assert name is not None  # noqa: S101  # INVARIANT: of a web ACL that was found
        web_acl = snapshot.get(WEB_ACL, name.account, name.key, name.region)
        protection = None if web_acl is None else web_acl.data_protection_config
        return Found(
            self._arn,
            ruleset,
            log=self._log(snapshot, name, protection),
            stamp=stamp,
            sampled=True,
            data_protection=protection,
        )

    def _log(self, snapshot: Snapshot, name: WafName, protection: dict[str, Any] | None) -> LogPlan | None:
        """Files in the data directory stand for whatever AWS's destination is, unless a URL does."""
        key = logging_key(name.key, "CUSTOMER")
        found = snapshot.get(LOGGING_CONFIGURATION, name.account, key, name.region)
        if found is None:
            return None
        return log_plan(
            found.destinations[0],
            self._place.logs,
            self._place.log_sinks,
            redacted_fields=found.redacted_fields,
            filter_=found.filter,
            data_protection=protection,
        )


def register(store: Store, region: str, *, name: str, listener: str, upstreams: tuple[str, ...]) -> str:
    """The ARN of the edge of this name, which it keeps; raises `NotYetError` before there is an account."""
    account = first_account(store.snapshot())
    if account is None:
        raise NotYetError(NO_STORE)
    edge = store.submit(
        lambda transaction: register_edge(
            transaction,
            account,
            region,
            name=name,
            listener=listener,
            upstreams=upstreams,
            now=datetime.now(UTC),
            random=os.urandom,
        )
    ).result()
    return edge_arn(account, region, edge)
