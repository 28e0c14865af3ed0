"""The statements, one file each: what a rule says, compiled to what is asked of a request."""

from masugata.engines.waf.statements._compile import compile_statement, the_one
from masugata.engines.waf.statements._detectors import BUILT_IN
from masugata.engines.waf.statements._lookup import Lookup, Trigger
from masugata.engines.waf.statements._matcher import Details, Matcher, nothing_located
from masugata.engines.waf.statements._places import PARTS
from masugata.engines.waf.statements._scope import Lookups, Scope
from masugata.engines.waf.statements._source_lookup import SourceLookup, look_together
from masugata.engines.waf.statements.detect import compile_detect
from masugata.engines.waf.statements.rate_based import compile_rate_based

__all__ = [
    "BUILT_IN",
    "PARTS",
    "Details",
    "Lookup",
    "Lookups",
    "Matcher",
    "Scope",
    "SourceLookup",
    "Trigger",
    "compile_detect",
    "compile_rate_based",
    "compile_statement",
    "look_together",
    "nothing_located",
    "the_one",
]
