"""What the sites of an edge share beyond their plans: counts, tokens, and puzzles that were handed in."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from masugata.edge.challenge import (
    Challenges,
    ChallengeSettings,
    SpentPuzzles,
    TokenSecret,
    WafInspector,
    WafTokens,
)
from masugata.edge.challenge.challenges import ATTEMPTS
from masugata.edge.rates import SharedRates
from masugata.edge.rates.sharing import SharingThread
from masugata.engines.waf.environment import Environment, Locations
from masugata.engines.waf.plan import Plan


class Protection:
    """One for each process. `directory` is one for all processes of a run, see `shared_files.run_directory`.

    `secret` is the file with the token secret, one for all edges of an installation. Counts are shared with
    other edges through `redis`, a URL, if there is one.
    """

    def __init__(
        self,
        directory: Path,
        secret: Path,
        redis: str | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        """Raises OSError, `TokenSecretError` or `SharingError`. `clock` replaces the time since 1970."""
        self.secret = TokenSecret.load(secret)
        self.rates = SharedRates(directory, clock)
        self._spent = SpentPuzzles(directory / "spent")
        self._clock = clock or time.time
        self._sharing = SharingThread(self.rates, redis) if redis is not None else None

    def inspector(self, plan: Plan, locations: Locations, settings: ChallengeSettings) -> WafInspector:
        """What inspects a site by this plan; `settings` have the token domains of its web ACL."""
        tokens = WafTokens(self.secret, settings.token_domains, self._clock)
        challenges = Challenges(self.secret, self._spent, self.rates, settings)
        return WafInspector(plan, Environment(locations, self.rates, tokens), challenges)

    def retain(self, rules: Iterable[str]) -> None:
        """Forget counts of rate-based rules that have long not been among these: see `SharedRates.retain`."""
        self.rates.retain([*rules, ATTEMPTS])

    def close(self) -> None:
        """Share no more."""
        if self._sharing is not None:
            self._sharing.close()
