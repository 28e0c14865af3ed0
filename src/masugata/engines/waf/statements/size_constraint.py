"""SizeConstraintStatement: the size in bytes, after the transformations."""

import operator
from collections.abc import Callable, Mapping

from masugata.engines.waf.context import Context
from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions.statements import SizeConstraintStatement
from masugata.engines.waf.statements._lookup import any_fired
from masugata.engines.waf.statements._matcher import Details, Matcher
from masugata.engines.waf.statements._scope import Scope, location
from masugata.engines.waf.statements._sizes import Bound

OPERATORS: Mapping[str, Callable[[int, int], bool]] = {
    "EQ": operator.eq,
    "NE": operator.ne,
    "LE": operator.le,
    "LT": operator.lt,
    "GE": operator.ge,
    "GT": operator.gt,
}


def compile_size_constraint(statement: SizeConstraintStatement, scope: Scope) -> Matcher:
    """Of several values, one has to be of this size."""
    lookup = scope.lookup(statement)
    compare = OPERATORS[statement.comparison_operator]
    size = statement.size
    place = location(statement)

    def details(context: Context) -> Details:
        sizes = tuple(str(len(v)) for v in lookup.values(context).values if compare(len(v), size))
        return (MatchDetail("SIZE_CONSTRAINT", place, sizes),)

    if lookup.plain is not None:
        sizes = scope.lookups.sizes()
        number = sizes.add(Bound(lookup.plain, compare, size))
        return Matcher(any_fired(sizes, (number,)), frozenset({(sizes, number)}), details)

    def matches(context: Context) -> bool:
        found = lookup.values(context)
        if found.fallback is not None:
            return found.fallback
        for value in found.values:  # noqa: SIM110 - asked of every request: a generator costs as much again
            if compare(len(value), size):
                return True
        return False

    return Matcher(matches, details=details)
