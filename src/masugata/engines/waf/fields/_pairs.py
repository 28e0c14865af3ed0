"""Which of names and values are looked at: match patterns and scopes."""

from collections.abc import Callable, Iterable

from masugata.engines.waf.definitions.fields import MapMatchScope, OversizeHandling
from masugata.engines.waf.fields._field import BEHAVIORS, NOTHING, Values
from masugata.engines.waf.parsed import ParsedRequest
from masugata.engines.waf.parsing.query import Pair

Wanted = Callable[[bytes], bool]


def wanted_names(included: tuple[str, ...] | None, excluded: tuple[str, ...] | None) -> Wanted:
    """Whether a name is to be looked at; every one where neither is given. Raises ValueError for both."""
    if included is not None and excluded is not None:
        raise ValueError("a match pattern must include or exclude names, not both")
    if included is not None:
        names = frozenset(name.encode() for name in included)
        return names.__contains__
    excepted = frozenset(name.encode() for name in excluded or ())
    return lambda name: name not in excepted


def compile_pairs(
    pairs: Callable[[ParsedRequest], tuple[Pair, ...]],
    oversize: Callable[[ParsedRequest], bool],
    wanted: Wanted,
    scope: MapMatchScope,
    handling: OversizeHandling,
) -> Callable[[ParsedRequest], Values]:
    """Names, values or both of the pairs that are wanted."""
    fallback = BEHAVIORS[handling]

    def values(parsed: ParsedRequest) -> Values:
        too_large = oversize(parsed)
        if too_large and fallback is not None:
            return Values((), fallback, oversize=True)
        found = _in_scope((pair for pair in pairs(parsed) if wanted(pair[0])), scope)
        return Values(found, None, too_large) if found or too_large else NOTHING

    return values


def _in_scope(pairs: Iterable[Pair], scope: MapMatchScope) -> tuple[bytes, ...]:
    match scope:
        case "KEY":
            return tuple([name for name, _ in pairs])
        case "VALUE":
            return tuple([value for _, value in pairs])
        case "ALL":
            return tuple([text for pair in pairs for text in pair])
