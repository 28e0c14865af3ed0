"""How hard challenges are, and for which domains tokens count."""

from typing import Final

import msgspec

from masugata.edge.settings import EdgeSettingsError
from masugata.engines.waf.token_domains import check_token_domain

HARDEST: Final = 24


class ChallengeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`docs/explanation/rates-and-challenges.md` says what each does."""

    difficulty: int = 16
    """Bits of work of a challenge: each one more doubles it."""
    attempts: int = 30
    """Puzzles that one address (IPv6: /64) may hand in within five minutes."""
    token_domains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.difficulty <= HARDEST:
            raise EdgeSettingsError(f"`{self.difficulty}` is not a difficulty: 0 to {HARDEST} are")
        if self.attempts < 1:
            raise EdgeSettingsError("`attempts` of at least 1 are needed to solve anything")
        for domain in self.token_domains:
            try:
                check_token_domain(domain)
            except ValueError as error:
                raise EdgeSettingsError(str(error)) from error
