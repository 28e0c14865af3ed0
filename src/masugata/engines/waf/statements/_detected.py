"""A statement that asks a detector about the text of a field."""

from typing import Literal

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions import Inspected
from masugata.engines.waf.detectors import Account, Detector, Evidence
from masugata.engines.waf.matching import hint_pattern
from masugata.engines.waf.statements._evidence import (
    MOST_VALUES,
    answer,
    asking,
    shown,
    stronger,
    too_many,
    too_much,
)
from masugata.engines.waf.statements._lookup import FieldLookup, any_fired
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope, location


def compile_detected(
    statement: Inspected,
    condition: str,
    minimum: int,
    sensitivity: Literal["LOW", "HIGH"] | None,
    scope: Scope,
) -> Matcher:
    """Asks about values with a hint in them; matches from the score `minimum` on."""
    detector = scope.detectors.get(condition)
    if detector is None:
        raise scope.error(f"there is no detector of `{condition}`")
    lookup = scope.lookup(statement)
    numbers = frozenset(lookup.patterns.add(hint_pattern(hint), scope.where) for hint in detector.hints)
    hinted = any_fired(lookup, numbers)
    detected = _Detected(lookup, detector, numbers)
    place = location(statement)
    doubt = scope.doubt

    def matches(context: Context) -> bool:
        if not hinted(context):
            return False
        if lookup.values(context).fallback:
            return True
        return answer(detected.evidence(context), minimum, context, doubt=doubt)

    def details(context: Context) -> Details:
        found = None if lookup.values(context).fallback else detected.evidence(context)
        return (MatchDetail(condition, place, shown(found), sensitivity),)

    return Matcher(matches, frozenset((lookup, number) for number in numbers), details)


class _Detected:
    """What a detector finds in a field; looked for once for each request."""

    def __init__(self, lookup: FieldLookup, detector: Detector, hints: frozenset[int]) -> None:
        self._lookup = lookup
        self._detector = detector
        self._hints = hints
        self._all = range(len(detector.hints))
        self._ask = asking(detector)

    def evidence(self, context: Context) -> Evidence | None:
        memo = (self._lookup, self._detector)
        if memo not in context.found:
            context.found[memo] = self._look(context, context.account)
        found = context.found[memo]
        return found if isinstance(found, Evidence) else None

    def _look(self, context: Context, account: Account) -> Evidence | None:
        best: Evidence | None = None
        asked = 0
        for value in self._lookup.values(context).values:
            if self._hints.isdisjoint(self._lookup.hits(value)):
                continue
            asked += 1
            if asked > MOST_VALUES:
                return too_many(self._detector.family)
            if account.left > 0:
                best = stronger(best, self._ask(value, self._lookup.place, self._all, account))
            if account.left <= 0:
                return too_much(self._detector.family)
        return best
