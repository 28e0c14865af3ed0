"""What engines offer, and what they keep."""

from collections.abc import Sequence
from typing import Protocol

from masugata.engines.waf.matching._pattern import Pattern

Spot = tuple[int, int]
"""The index of a pattern, and where one of its matches ends: SOMEWHERE, if the engine does not know."""
SOMEWHERE = -1


class Scan(Protocol):
    """Looks for all patterns of a set at once."""

    def __call__(self, data: bytes, /) -> list[int]:
        """The indices of all patterns that match anywhere in these bytes, each once, in no order."""

    def spots(self, data: bytes, /) -> list[Spot]:
        """The same with the end of every match, or SOMEWHERE once."""


class NoPatterns:
    """Looks for nothing."""

    def __call__(self, _: bytes) -> list[int]:
        """Of no patterns none matches."""
        return []

    def spots(self, _: bytes) -> list[Spot]:
        """Nowhere."""
        return []


class Databases(Protocol):
    """Where compiled patterns are kept between starts.

    What `get` returns is run, as a program is: nobody else may be able to write there.
    """

    def get(self, key: str) -> bytes | None:
        """What was put under this key, or None."""

    def put(self, key: str, value: bytes) -> None:
        """Keep it, if possible."""


class NoDatabases:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return None

    def put(self, key: str, value: bytes) -> None:
        """Nothing."""


class Engine(Protocol):
    """Compiles patterns."""

    @property
    def name(self) -> str:
        """Hyperscan or RE2."""

    def compile(self, patterns: Sequence[Pattern], databases: Databases) -> Scan:
        """Compile them all; raises InvalidPatternError for one that cannot be."""
