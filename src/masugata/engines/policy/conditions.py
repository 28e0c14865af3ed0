"""One test of a Condition block, compiled: operator, key and values.

What AWS documents: a key that is absent makes a positive operator false, a negated one true and
`…IfExists` true; an operator without set prefix does not match a key with several values, not even
negated; `ForAllValues` holds for no values, `ForAnyValue` does not.

What is ours: a test that cannot be made (unknown operator, no values, a value that is not of the
operator's type) never lets an Allow match and never keeps a Deny from matching.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from masugata.engines.policy.operators import IF_EXISTS, NULL, OPERATORS, Comparison
from masugata.engines.policy.variables import Context

Test = Callable[[Context], bool]

_SUFFIX = IF_EXISTS.lower()
_TEXT: Final = frozenset((str,))


class Condition:
    """A compiled test; `problem` says why it cannot be made, if it cannot."""

    __slots__ = ("key", "matches", "operator", "problem", "values")

    def __init__(
        self, operator: str, key: str, values: tuple[str, ...], *, variables: bool, allow: bool
    ) -> None:
        self.operator = operator
        self.key = key
        self.values = values
        self.problem: str | None = None
        self.matches: Test
        prefix, name, if_exists = parse_operator(operator)
        null = name == NULL.lower() and not if_exists
        if prefix not in _TESTS or not (null or name in OPERATORS):
            self._cannot(f"unknown condition operator `{operator}`", allow=allow)
        elif not values:
            self._cannot(f"condition `{operator}` on `{key}` has no values", allow=allow)
        elif null:
            self._compile_null(allow=allow)
        else:
            entry = OPERATORS[name]
            # The answer of a comparison that cannot be made, before negation: false for an Allow and
            # true for a Deny after it.
            compare = entry.factory(values, variables, entry.negated == allow)
            self.matches = _TESTS[prefix](key.lower(), compare, entry.negated, if_exists)

    def _cannot(self, problem: str, *, allow: bool) -> None:
        self.problem = problem
        self.matches = lambda _: not allow

    def _compile_null(self, *, allow: bool) -> None:
        wanted = {value.lower() for value in self.values}
        if not wanted <= {"true", "false"}:
            self._cannot(f"`Null` on `{self.key}` takes only true and false", allow=allow)
            return
        key, present, absent = self.key.lower(), "false" in wanted, "true" in wanted
        self.matches = lambda context: present if key in context else absent


def normalize_context(context: Mapping[str, str | Sequence[str]]) -> dict[str, str | tuple[str, ...]]:
    """The context with its keys in lower case and its sets as tuples; an empty set is an absent key.

    Keys that differ only in case are one key with several values, as the tags `Team` and `team` are
    in AWS. Raises TypeError for a value that is neither text nor a sequence of texts.
    """
    names = _lower_names(tuple(context))
    normal: dict[str, str | tuple[str, ...]]
    if names is not None:
        values: Any = context.values()
        if _TEXT.issuperset(map(type, values)):  # as nearly always
            return dict(zip(names, values, strict=True))
        normal = {
            key: value if value.__class__ is str else _set(key, value)
            for key, value in zip(names, context.values(), strict=True)
        }
        return (
            {key: value for key, value in normal.items() if value != ()} if () in normal.values() else normal
        )
    normal = {}
    for name, value in context.items():
        key = name.lower()
        kept = value if value.__class__ is str else _set(name, value)
        if key in normal:
            kept = (*_values(normal[key]), *_values(kept))
        if kept != ():
            normal[key] = kept
    return normal


@lru_cache(maxsize=256)
def _lower_names(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The names in lower case, which are mostly the same from request to request; None if two are one."""
    lower = tuple(map(str.lower, names))
    return lower if len(set(lower)) == len(lower) else None


def _set(name: str, value: str | Sequence[str]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return str(value)
    for item in value:
        if item.__class__ is not str:
            raise TypeError(f"context key `{name}` must be text or a sequence of texts")
    return tuple(value)


def parse_operator(operator: str) -> tuple[str, str, bool]:
    """Set prefix, name and whether `IfExists` follows, all in lower case."""
    prefix, colon, name = operator.lower().rpartition(":")
    prefix = prefix or colon
    if name.endswith(_SUFFIX):
        return prefix, name.removesuffix(_SUFFIX), True
    return prefix, name, False


def _values(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _single(key: str, compare: Comparison, negated: bool, if_exists: bool) -> Test:
    absent = negated or if_exists

    def matches(context: Context) -> bool:
        value = context.get(key)
        if value is None:
            return absent
        return isinstance(value, str) and compare(value, context) != negated

    return matches


def _for_all_values(key: str, compare: Comparison, negated: bool, if_exists: bool) -> Test:  # noqa: ARG001
    def matches(context: Context) -> bool:
        values = _values(context.get(key, ()))
        # A set of nothing but empty text is a null data set, which holds like a missing one.
        return not any(values) or all(compare(value, context) != negated for value in values)

    return matches


def _for_any_value(key: str, compare: Comparison, negated: bool, if_exists: bool) -> Test:
    def matches(context: Context) -> bool:
        value = context.get(key)
        if value is None:
            return if_exists
        return any(compare(item, context) != negated for item in _values(value))

    return matches


_TESTS: dict[str, Callable[[str, Comparison, bool, bool], Test]] = {
    "": _single,
    "forallvalues": _for_all_values,
    "foranyvalue": _for_any_value,
}
