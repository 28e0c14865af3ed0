"""What an evaluation asks of the world: counters, tokens, and what is known of addresses."""

from typing import Literal, Protocol

import msgspec

TokenState = Literal["VALID", "TOKEN_MISSING", "TOKEN_EXPIRED", "TOKEN_INVALID", "TOKEN_DOMAIN_MISMATCH"]


class Location(msgspec.Struct, frozen=True):
    """What is known of an address; None where nothing is."""

    country: str | None = None
    region: str | None = None
    asn: int | None = None


class Locations(Protocol):
    """Countries (ISO 3166-1 alpha-2) and autonomous systems of addresses."""

    def locate(self, address: str) -> Location:
        """What is known of this IPv4 or IPv6 address."""


class Rates(Protocol):
    """Counts of requests in sliding windows, shared by whoever shares this."""

    def count(self, rule: str, key: bytes, window: int, limit: int) -> int:
        """Count a request of this key; how many came within the last `window` seconds, this one included.

        `rule` is the ARN of the web ACL and the names of the rule in it. A key that cannot be tracked because
        too many are counts as 0.
        """


class Tokens(Protocol):
    """Judges the `aws-waf-token` of a request."""

    def state(
        self, token: bytes | None, purpose: Literal["CHALLENGE", "CAPTCHA"], immunity: int, host: bytes
    ) -> TokenState:
        """Whether its bearer solved one within `immunity` seconds, for this host's domain."""

    def identity(self, token: bytes | None) -> str | None:
        """The bearer's identifier, if the token is genuine."""


class Environment(msgspec.Struct, frozen=True):
    """All of it together, for one process."""

    locations: Locations
    rates: Rates
    tokens: Tokens
