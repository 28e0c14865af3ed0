"""Many patterns at once over bytes: Hyperscan, and RE2 where there is none or where it refuses."""

from masugata.engines.waf.matching._engine import Databases, Engine, NoDatabases, Scan
from masugata.engines.waf.matching._engines import check_pattern, choose_engine
from masugata.engines.waf.matching._pattern import Pattern, byte_match_patterns, hint_pattern, user_pattern

__all__ = [
    "Databases",
    "Engine",
    "NoDatabases",
    "Pattern",
    "Scan",
    "byte_match_patterns",
    "check_pattern",
    "choose_engine",
    "hint_pattern",
    "user_pattern",
]
