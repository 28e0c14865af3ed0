"""NotStatement: not this."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.statements._matcher import Matcher


def compile_not(matcher: Matcher) -> Matcher:
    """What does not apply does not apply negated either."""
    ask = matcher.matches

    def matches(context: Context) -> bool | None:
        answer = ask(context)
        return None if answer is None else not answer

    return Matcher(matches, locate=matcher.locate)
