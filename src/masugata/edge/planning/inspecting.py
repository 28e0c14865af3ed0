"""From a ruleset to what decides about requests, in a worker."""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from masugata.edge.challenge import ChallengeSettings, WafInspector
from masugata.edge.planning.published import Published
from masugata.edge.protection import Protection
from masugata.edge.rates.rules import rate_based_rules, rate_name
from masugata.edge.settings import Shared
from masugata.engines.waf.definitions import Ruleset
from masugata.engines.waf.managed import managed_groups
from masugata.engines.waf.matching import Databases, Engine, Pattern, Scan, choose_engine
from masugata.engines.waf.plan import compile_plan
from masugata.feeds import Feeds
from masugata.pattern_cache import PatternCache

if TYPE_CHECKING:
    from masugata.edge.observing.delivery import Delivery
    from masugata.edge.observing.log_plan import LogStream
    from masugata.edge.observing.observer import Observer
    from masugata.edge.observing.streams import Streams


class SharedScans:
    """An engine that compiles nothing twice: a new plan has most patterns in common with the one before.

    What two plans in a row did not ask for is forgotten.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._before: dict[tuple[Pattern, ...], Scan] = {}
        self._now: dict[tuple[Pattern, ...], Scan] = {}

    @property
    def name(self) -> str:
        """That of the engine behind."""
        return self._engine.name

    def compile(self, patterns: Sequence[Pattern], databases: Databases) -> Scan:
        """Compile them, or take what a plan before has."""
        key = tuple(patterns)
        scan = self._now.get(key) or self._before.get(key) or self._engine.compile(patterns, databases)
        self._now[key] = scan
        return scan

    def advance(self) -> None:
        """A plan is whole: the next one may use what it has."""
        self._before, self._now = self._now, {}


class Inspectors:
    """Makes inspectors for the sites of one worker; they share patterns, counts, tokens and locations."""

    def __init__(self, shared: Shared) -> None:
        """Raises OSError, `TokenSecretError` and `SharingError`."""
        self._shared = shared
        self._databases = PatternCache(Path(shared.patterns))
        self._feeds = Feeds(None if shared.data is None else Path(shared.data))
        self._stamp: object = None
        self._making = Lock()
        self._streams: Streams | None = None
        self._rules: dict[str, list[str]] = {}
        self._scans: dict[str, SharedScans] = {}
        self._protection = Protection(Path(shared.memory), Path(shared.secret), shared.redis)
        self._renew()

    def load(self) -> None:
        """Load the tables of locations, so that no request waits for them."""
        self._locations.load()

    def _renew(self) -> None:
        """Take the newest feeds; raises `FeedError`."""
        stamp = self._feeds.stamp()
        if stamp != self._stamp:
            self._managed, self._locations = managed_groups(self._feeds.lists()), self._feeds.locations()
            self._stamp = stamp

    def observer(self, site: str, published: Published, ruleset: Ruleset) -> "Observer":
        """What tells of the requests of a site; raises `MasugataError`."""
        from masugata.edge.observing.log import Log  # noqa: PLC0415  # records, for those who tell
        from masugata.edge.observing.observer import Observer  # noqa: PLC0415
        from masugata.edge.observing.samples import Sampler  # noqa: PLC0415

        worker = f"{site}-{self._shared.worker}"
        log = None
        if published.log is not None:
            stream = published.log.stream
            delivery = None if stream is None else self._delivery(stream)
            log = Log(published.log, ruleset, published.edge, worker, self._country, delivery)
        # Counts are the same in all workers: one of them tells.
        limited = self._protection.rates.managed_keys if self._shared.worker == 0 else None
        sampler = Sampler(ruleset, worker, self._country, published.data_protection)
        notes = Path(self._shared.notes) if published.sampled else None
        return Observer(notes, sampler, log, limited)

    def _delivery(self, stream: "LogStream") -> "Delivery":
        from masugata.edge.observing.streams import Streams  # noqa: PLC0415  # HTTP, for those who send

        if self._streams is None:
            self._streams = Streams()
        return self._streams.open(stream)

    def newly_lost(self) -> int:
        """How many log records were lost since the last call."""
        return 0 if self._streams is None else self._streams.newly_lost()

    def close(self) -> None:
        """Share counts no more, and send the log records that wait, for a few seconds."""
        self._protection.close()
        if self._streams is not None:
            self._streams.close()

    def _country(self, address: str) -> str | None:
        return self._locations.locate(address).country

    def use(self, site: str, ruleset: Ruleset | None) -> None:
        """Note whose counts a site needs from now on."""
        self._rules[site] = (
            [] if ruleset is None else [rate_name(ruleset, rule) for rule in rate_based_rules(ruleset)]
        )

    def retain(self) -> None:
        """Forget counts that no site has needed for a while."""
        self._protection.retain([rule for rules in [*self._rules.values()] for rule in rules])

    def inspector(self, site: str, ruleset: Ruleset) -> WafInspector:
        """What decides by a ruleset; raises `RulesetError` and `FeedError`."""
        with self._making:
            self._renew()
            return self._make(site, ruleset)

    def _make(self, site: str, ruleset: Ruleset) -> WafInspector:
        scans = self._scans.get(site) or self._scans.setdefault(site, SharedScans(choose_engine()))
        plan = compile_plan(ruleset, managed=self._managed, databases=self._databases, engine=scans)
        scans.advance()
        settings = ChallengeSettings(token_domains=ruleset.web_acl.token_domains)
        return self._protection.inspector(plan, self._locations, settings)
