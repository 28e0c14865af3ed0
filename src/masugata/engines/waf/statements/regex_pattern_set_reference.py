"""RegexPatternSetReferenceStatement: one of the set's regular expressions matches the text."""

from masugata.engines.waf.definitions.statements import RegexPatternSetReferenceStatement
from masugata.engines.waf.statements._matcher import Matcher
from masugata.engines.waf.statements._scope import Scope
from masugata.engines.waf.statements.regex_match import compile_expressions


def compile_regex_pattern_set_reference(
    statement: RegexPatternSetReferenceStatement, scope: Scope
) -> Matcher:
    """An empty set matches nothing; one that is not there is an error."""
    expressions = scope.regex_pattern_sets.get(statement.arn)
    if expressions is None:
        raise scope.error(f"there is no regex pattern set `{statement.arn}`")
    return compile_expressions(statement, expressions, scope)
