"""RegexMatchStatement: a regular expression matches the text."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions import Inspected
from masugata.engines.waf.definitions.statements import RegexMatchStatement
from masugata.engines.waf.errors import InvalidPatternError
from masugata.engines.waf.matching import user_pattern
from masugata.engines.waf.statements._lookup import any_fired
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope, location


def compile_regex_match(statement: RegexMatchStatement, scope: Scope) -> Matcher:
    """One regular expression."""
    return compile_expressions(statement, (statement.regex_string,), scope)


def compile_expressions(statement: Inspected, expressions: tuple[str, ...], scope: Scope) -> Matcher:
    """Several, of which one has to match; they are refused when the plan's patterns are compiled."""
    lookup = scope.lookup(statement)
    try:
        numbers = {lookup.patterns.add(user_pattern(text), scope.where): text for text in expressions}
    except InvalidPatternError as error:
        raise scope.error(str(error)) from None
    place = location(statement)

    def details(context: Context) -> Details:
        fired = lookup.fired(context)
        found = tuple(text for number, text in numbers.items() if number in fired)
        return (MatchDetail("REGEX_MATCH", place, found),)

    triggers = frozenset((lookup, number) for number in numbers)
    return Matcher(any_fired(lookup, numbers), triggers, details)
