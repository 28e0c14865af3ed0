"""ByteMatchStatement: the text is, begins with, ends with or contains these bytes."""

from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions.statements import ByteMatchStatement
from masugata.engines.waf.matching import byte_match_patterns
from masugata.engines.waf.statements._lookup import any_fired
from masugata.engines.waf.statements._matcher import Matcher
from masugata.engines.waf.statements._scope import Scope, location


def compile_byte_match(statement: ByteMatchStatement, scope: Scope) -> Matcher:
    """Bytes as they are: upper and lower case differ."""
    lookup = scope.lookup(statement)
    patterns = byte_match_patterns(statement.search_string, statement.positional_constraint)
    numbers = [lookup.patterns.add(pattern, scope.where) for pattern in patterns]
    text = statement.search_string.decode(errors="backslashreplace")
    details = (MatchDetail("BYTE_MATCH", location(statement), (text,)),)
    triggers = frozenset((lookup, number) for number in numbers)
    return Matcher(any_fired(lookup, numbers), triggers, lambda _: details)
