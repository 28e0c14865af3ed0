"""AndStatement: all of these."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.statements._matcher import Matcher
from masugata.engines.waf.statements._nested import nested_details, nested_locate


def compile_and(matchers: tuple[Matcher, ...]) -> Matcher:
    """No, if one says no; else does not apply, if one does not apply."""
    asked = tuple(matcher.matches for matcher in matchers)

    def matches(context: Context) -> bool | None:
        found: bool | None = True
        for ask in asked:
            answer = ask(context)
            if not answer:
                if answer is False:
                    return False
                found = None
        return found

    needed = [matcher.triggers for matcher in matchers if matcher.triggers is not None]
    fewest = min(needed, key=len) if needed else None
    return Matcher(matches, fewest, nested_details(matchers), nested_locate(matchers))
