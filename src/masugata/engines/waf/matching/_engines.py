"""Which engine there is."""

from typing import Literal

from masugata.engines.waf.errors import NoEngineError
from masugata.engines.waf.matching._engine import Engine, NoDatabases
from masugata.engines.waf.matching._pattern import user_pattern


def choose_engine(name: Literal["hyperscan", "re2"] | None = None) -> Engine:
    """Hyperscan where there is a wheel of it, else RE2, or the one that is named; raises NoEngineError."""
    if name != "re2":
        try:
            from masugata.engines.waf.matching._hyperscan import HyperscanEngine  # noqa: PLC0415 - an extra
        except ImportError:
            if name is not None:
                raise NoEngineError("hyperscan is not installed: `pip install masugata[waf]`") from None
        else:
            return HyperscanEngine()
    try:
        from masugata.engines.waf.matching._re2 import Re2Engine  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoEngineError(
            "neither hyperscan nor google-re2 is installed: `pip install masugata[waf]`"
        ) from None
    return Re2Engine()


def pattern_size(expression: str) -> int:
    """How many instructions RE2 makes of a regular expression, in time that grows with their square at worst.

    Raises InvalidPatternError unless a rule may use it, and for one that is too large. Raises NoEngineError
    where RE2 is not installed.
    """
    try:
        from masugata.engines.waf.matching._re2 import program_size  # noqa: PLC0415 - an extra
    except ImportError:
        raise NoEngineError("google-re2 is not installed: `pip install masugata[waf]`") from None
    return program_size(user_pattern(expression))


def check_pattern(expression: str, engine: Engine | None = None) -> None:
    """Raise InvalidPatternError unless a rule may use this regular expression."""
    (engine or choose_engine()).compile((user_pattern(expression),), NoDatabases())
