"""OrStatement: one of these."""

from masugata.engines.waf.context import Context
from masugata.engines.waf.statements._lookup import Trigger
from masugata.engines.waf.statements._matcher import Matcher
from masugata.engines.waf.statements._nested import nested_details, nested_locate


def compile_or(matchers: tuple[Matcher, ...]) -> Matcher:
    """Yes, if one says yes; else does not apply, if one does not apply."""
    asked = tuple(matcher.matches for matcher in matchers)

    def matches(context: Context) -> bool | None:
        found: bool | None = False
        for ask in asked:
            answer = ask(context)
            if answer:
                return True
            if answer is None:
                found = None
        return found

    return Matcher(matches, _triggers(matchers), nested_details(matchers), nested_locate(matchers))


def _triggers(matchers: tuple[Matcher, ...]) -> frozenset[Trigger] | None:
    found: set[Trigger] = set()
    for matcher in matchers:
        if matcher.triggers is None:
            return None
        found |= matcher.triggers
    return frozenset(found)
