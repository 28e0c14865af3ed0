"""Many patterns at once over bytes: Hyperscan, and RE2 where there is none or where it refuses."""

from masugata.engines.waf.matching._engine import (
    SOMEWHERE,
    Databases,
    Engine,
    NoDatabases,
    NoPatterns,
    Scan,
    Spot,
)
from masugata.engines.waf.matching._engines import check_pattern, choose_engine, pattern_size
from masugata.engines.waf.matching._joined import JoinedEngine, join
from masugata.engines.waf.matching._pattern import Pattern, byte_match_patterns, hint_pattern, user_pattern

__all__ = [
    "SOMEWHERE",
    "Databases",
    "Engine",
    "JoinedEngine",
    "NoDatabases",
    "NoPatterns",
    "Pattern",
    "Scan",
    "Spot",
    "byte_match_patterns",
    "check_pattern",
    "choose_engine",
    "hint_pattern",
    "join",
    "pattern_size",
    "user_pattern",
]
