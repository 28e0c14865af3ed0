"""Which engine there is."""

import re
from typing import Literal

from masugata.engines.waf.errors import NoEngineError
from masugata.engines.waf.matching._engine import Engine, NoDatabases
from masugata.engines.waf.matching._pattern import user_pattern

# The detectors read by possessive quantifiers, which CPython before 3.11.5 gets wrong for groups
# (https://github.com/python/cpython/issues/106052): attacks would pass.
_POSSESSIVE = re.compile(rb"(?:ab?c)++")


def check_interpreter() -> None:
    """Raise NoEngineError where Python's own `re` matches wrongly."""
    found = _POSSESSIVE.match(b"aca")
    if found is None or found[0] != b"ac":
        raise NoEngineError(
            "this Python cannot inspect web requests: its `re` matches possessive quantifiers wrongly; "
            "CPython 3.11.5 or later does it right"
        )


def choose_engine(name: Literal["hyperscan", "re2"] | None = None) -> Engine:
    """Hyperscan where there is a wheel of it, else RE2, or the one that is named; raises NoEngineError."""
    check_interpreter()
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


def check_pattern(expression: str, engine: Engine | None = None) -> None:
    """Raise InvalidPatternError unless a rule may use this regular expression."""
    (engine or choose_engine()).compile((user_pattern(expression),), NoDatabases())
