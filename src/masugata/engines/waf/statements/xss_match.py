"""XssMatchStatement: the text injects script into a page."""

from masugata.engines.waf.definitions.statements import XssMatchStatement
from masugata.engines.waf.statements._detected import compile_detected
from masugata.engines.waf.statements._detectors import XSS
from masugata.engines.waf.statements._matcher import Matcher
from masugata.engines.waf.statements._scope import Scope

MINIMUM = 60
"""The score of what does something, though not surely a script."""


def compile_xss_match(statement: XssMatchStatement, scope: Scope) -> Matcher:
    """After the statement's own transformations only."""
    return compile_detected(statement, XSS, MINIMUM, None, scope)
