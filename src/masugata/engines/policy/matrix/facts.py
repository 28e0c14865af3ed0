"""What is known of requests before they are made: a key has a value, is absent, or nobody knows.

Every test of a statement then has two answers: whether it matches for certain, whatever the rest may be,
and whether it possibly does. A decision grows with the Allows that match and shrinks with the Denies, so
certain Allows against possible Denies say what is allowed for certain, and possible Allows against certain
Denies what may be.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

from masugata.engines.policy.conditions import Condition, normalize_context
from masugata.engines.policy.statements import Statement
from masugata.engines.policy.variables import Context, Variable, parse_template

Bounds = tuple[int, int]
"""Two sets of bits, or two truths: what is so for certain, and what is possibly so."""


class State(Enum):
    """What may be said of a key that has no known value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


ABSENT: Final = State.ABSENT
UNKNOWN: Final = State.UNKNOWN
Value = str | tuple[str, ...] | State


class Facts:
    """Condition keys with known values, and keys known to be absent; all others are unknown.

    `known` is as `Request.context`; `absent` are keys, or beginnings of keys that end in `/`
    (`aws:PrincipalTag/`). The empty text is the beginning of every key: then nothing is unknown.
    """

    __slots__ = ("_absent", "_beginnings", "_known")

    def __init__(
        self, known: Mapping[str, str | Sequence[str]] | None = None, absent: Iterable[str] = ()
    ) -> None:
        given = known or {}
        self._known = normalize_context(given)
        names = [name.lower() for name in absent]
        self._beginnings = tuple(name for name in names if not name or name.endswith("/"))
        empty = {name.lower() for name in given} - self._known.keys()
        self._absent = frozenset(names).union(empty).difference(self._beginnings)

    def find(self, key: str) -> Value:
        """What is known of a key, which is in lower case."""
        value = self._known.get(key)
        if value is not None:
            return value
        if key in self._absent or (self._beginnings and key.startswith(self._beginnings)):
            return ABSENT
        return UNKNOWN

    def values(self, keys: Iterable[str]) -> tuple[Value, ...]:
        """What is known of each of these keys: what everything that mentions only them depends on."""
        return tuple(map(self.find, keys))

    def names(self) -> Iterable[str]:
        """The keys that are known, the absent ones included, and the beginnings of such."""
        return (*self._known, *self._absent, *self._beginnings)


NO_FACTS: Final = Facts()


class Knowledge:
    """Which keys are known of any of some callers at all."""

    __slots__ = ("_beginnings", "_keys")

    def __init__(self, facts: Iterable[Facts]) -> None:
        names = {name for found in set(facts) for name in found.names()}
        self._beginnings = tuple(name for name in names if not name or name.endswith("/"))
        self._keys = frozenset(names)

    def told(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Those of these keys that are, in order."""
        return tuple(sorted(key for key in keys if key in self._keys or key.startswith(self._beginnings)))


def look_up(keys: Iterable[str], sources: Sequence[Facts]) -> tuple[Context, frozenset[str]]:
    """The values of these keys, and those that are unknown; the first source that knows a key is believed."""
    context: dict[str, str | tuple[str, ...]] = {}
    unknown = set()
    for key in keys:
        value: Value = UNKNOWN
        for source in sources:
            value = source.find(key)
            if value is not UNKNOWN:
                break
        if value is UNKNOWN:
            unknown.add(key)
        elif not isinstance(value, State):
            context[key] = value
    return context, frozenset(unknown)


def condition_bounds(condition: Condition, sources: Sequence[Facts]) -> tuple[bool, bool]:
    """Whether a test holds for certain, and whether it possibly does."""
    if condition.problem is None:
        key = condition.key.lower()
        context, unknown = look_up(condition_keys(condition), sources)
        # The policy's values do not matter where the request has none.
        if key in unknown or (unknown and key in context):
            return False, True
        holds = condition.matches(context)
    else:
        holds = condition.matches({})
    return holds, holds


def condition_keys(condition: Condition) -> frozenset[str]:
    """The keys that a test depends on: its own, and those of the variables in its values."""
    return frozenset({condition.key.lower()}).union(*map(variable_keys, condition.values))


def variable_keys(text: str) -> frozenset[str]:
    """The keys of the variables in a text, in lower case."""
    if "${" not in text:
        return frozenset()
    parts = parse_template(text, variables=True, wildcards=False)
    return frozenset(part.key for part in parts if isinstance(part, Variable))


def statement_keys(statement: Statement) -> frozenset[str]:
    """Every key that decides whether a statement matches, in lower case."""
    keys = set().union(*map(condition_keys, statement.conditions))
    if statement.variables:
        keys.update(*map(variable_keys, statement.resource_values))
    return frozenset(keys)
