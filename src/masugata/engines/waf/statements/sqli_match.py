"""SqliMatchStatement: the text injects SQL."""

from masugata.engines.waf.definitions.statements import SqliMatchStatement
from masugata.engines.waf.statements._detected import compile_detected
from masugata.engines.waf.statements._detectors import SQL_INJECTION
from masugata.engines.waf.statements._matcher import Matcher
from masugata.engines.waf.statements._scope import Scope

MINIMUM = {"LOW": 75, "HIGH": 50}
"""Scores: HIGH finds more, and is wrong more often."""


def compile_sqli_match(statement: SqliMatchStatement, scope: Scope) -> Matcher:
    """After the statement's own transformations only."""
    level = statement.sensitivity_level
    return compile_detected(statement, SQL_INJECTION, MINIMUM[level], level, scope)
