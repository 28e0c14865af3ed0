"""The condition operators, one factory for each kind of comparison.

A factory compiles the policy's values once and returns a function that compares one value of the
request with all of them: true if any is equal (or less, or like …). Negation is the caller's.

A comparison that cannot be made, because either side is not of the operator's type, answers
`uncertain`: the caller passes the answer that grants nothing.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from masugata.engines.common import compile_glob, parse_address, parse_range
from masugata.engines.policy.arns import split_arn
from masugata.engines.policy.values import parse_binary, parse_bool, parse_date, parse_number
from masugata.engines.policy.variables import (
    Context,
    Part,
    constant,
    has_variable,
    parse_template,
    resolve,
    resolve_text,
)

Comparison = Callable[[str, Context], bool]
Factory = Callable[[Sequence[str], bool, bool], Comparison]


class Operator(NamedTuple):
    """A condition operator: how to compile its values, and whether it is a negated one."""

    name: str
    factory: Factory
    negated: bool = False


def _string_equals(fold: Callable[[str], str]) -> Factory:
    """The factory for equality of strings after `fold`."""

    def factory(values: Sequence[str], variables: bool, uncertain: bool) -> Comparison:  # noqa: ARG001
        templates = [parse_template(value, variables=variables, wildcards=False) for value in values]
        exact = frozenset(fold(resolve_text(t, {}) or "") for t in templates if not has_variable(t))
        dynamic = [template for template in templates if has_variable(template)]
        if not dynamic:
            return lambda value, _: fold(value) in exact

        def compare(value: str, context: Context) -> bool:
            value = fold(value)
            if value in exact:
                return True
            texts = (resolve_text(template, context) for template in dynamic)
            return any(text is not None and fold(text) == value for text in texts)

        return compare

    return factory


def _string_like(values: Sequence[str], variables: bool, uncertain: bool) -> Comparison:  # noqa: ARG001
    templates = [parse_template(value, variables=variables, wildcards=True) for value in values]
    globs = [compile_glob(constant(template)) for template in templates if not has_variable(template)]
    dynamic = [template for template in templates if has_variable(template)]

    def compare(value: str, context: Context) -> bool:
        for matches in globs:
            if matches(value):
                return True
        for template in dynamic:
            tokens = resolve(template, context)
            if tokens is not None and compile_glob(tokens)(value):
                return True
        return False

    return compare


def _arn_like(values: Sequence[str], variables: bool, uncertain: bool) -> Comparison:
    patterns: list[list[list[Part]]] = []
    for value in values:
        segments = split_arn(value, variables=variables)
        if segments is not None:
            patterns.append([parse_template(s, variables=variables, wildcards=True) for s in segments])
        elif uncertain:
            return _always
    # From the last segment to the first: ARNs of one sort differ at their ends.
    globs = [
        [(place, compile_glob(constant(pattern[place]))) for place in range(5, -1, -1)]
        for pattern in patterns
        if not any(has_variable(template) for template in pattern)
    ]
    dynamic = [pattern for pattern in patterns if any(has_variable(template) for template in pattern)]

    def compare(value: str, context: Context) -> bool:
        segments = split_arn(value)
        if segments is None:
            return uncertain
        for glob in globs:
            for place, matches in glob:
                if not matches(segments[place]):
                    break
            else:
                return True
        return any(_arn_matches(pattern, segments, context) for pattern in dynamic)

    return compare


def _arn_matches(pattern: list[list[Part]], segments: Sequence[str], context: Context) -> bool:
    for template, segment in zip(pattern, segments, strict=True):
        tokens = resolve(template, context)
        if tokens is None or not compile_glob(tokens)(segment):
            return False
    return True


def _bool(values: Sequence[str], variables: bool, uncertain: bool) -> Comparison:
    templates = [parse_template(value, variables=variables, wildcards=False) for value in values]
    constants = [parse_bool(resolve_text(t, {}) or "") for t in templates if not has_variable(t)]
    dynamic = [template for template in templates if has_variable(template)]
    if None in constants and uncertain:
        return _always

    def compare(value: str, context: Context) -> bool:
        wanted = parse_bool(value)
        if wanted is None:
            return uncertain
        if wanted in constants:
            return True
        for template in dynamic:
            text = resolve_text(template, context)
            if text is not None and (found := parse_bool(text)) in (wanted, None):
                return uncertain if found is None else True
        return False

    return compare


def _typed(parse: Callable[[str], Any], compare_values: Callable[[Any, Any], bool]) -> Factory:
    """The factory for an operator whose values are parsed; policy variables are not expanded in them."""

    def factory(values: Sequence[str], variables: bool, uncertain: bool) -> Comparison:  # noqa: ARG001
        limits = [parse(value) for value in values]
        if None in limits and uncertain:
            return _always
        limits = [limit for limit in limits if limit is not None]

        def compare(value: str, _: Context) -> bool:
            found = parse(value)
            if found is None:
                return uncertain
            for limit in limits:  # noqa: SIM110 - a generator costs as much as all the rest
                if compare_values(found, limit):
                    return True
            return False

        return compare

    return factory


def _ip_address(values: Sequence[str], variables: bool, uncertain: bool) -> Comparison:  # noqa: ARG001
    ranges = [parse_range(value) for value in values]
    if None in ranges and uncertain:
        return _always
    known = [limits for limits in ranges if limits is not None]

    def compare(value: str, _: Context) -> bool:
        address = parse_address(value)
        if address is None:
            return uncertain
        version, number = address
        for family, first, last in known:  # noqa: SIM110 - a generator costs as much as all the rest
            if family == version and first <= number <= last:
                return True
        return False

    return compare


def _always(value: str, context: Context) -> bool:  # noqa: ARG001
    return True


_number, _date = parse_number, parse_date

_ALL = (
    Operator("StringEquals", _string_equals(str)),
    Operator("StringNotEquals", _string_equals(str), negated=True),
    Operator("StringEqualsIgnoreCase", _string_equals(str.lower)),
    Operator("StringNotEqualsIgnoreCase", _string_equals(str.lower), negated=True),
    Operator("StringLike", _string_like),
    Operator("StringNotLike", _string_like, negated=True),
    Operator("ArnEquals", _arn_like),
    Operator("ArnLike", _arn_like),
    Operator("ArnNotEquals", _arn_like, negated=True),
    Operator("ArnNotLike", _arn_like, negated=True),
    Operator("NumericEquals", _typed(_number, operator.eq)),
    Operator("NumericNotEquals", _typed(_number, operator.eq), negated=True),
    Operator("NumericLessThan", _typed(_number, operator.lt)),
    Operator("NumericLessThanEquals", _typed(_number, operator.le)),
    Operator("NumericGreaterThan", _typed(_number, operator.gt)),
    Operator("NumericGreaterThanEquals", _typed(_number, operator.ge)),
    Operator("DateEquals", _typed(_date, operator.eq)),
    Operator("DateNotEquals", _typed(_date, operator.eq), negated=True),
    Operator("DateLessThan", _typed(_date, operator.lt)),
    Operator("DateLessThanEquals", _typed(_date, operator.le)),
    Operator("DateGreaterThan", _typed(_date, operator.gt)),
    Operator("DateGreaterThanEquals", _typed(_date, operator.ge)),
    Operator("Bool", _bool),
    Operator("BinaryEquals", _typed(parse_binary, operator.eq)),
    Operator("IpAddress", _ip_address),
    Operator("NotIpAddress", _ip_address, negated=True),
)

OPERATORS: Final = {entry.name.lower(): entry for entry in _ALL}
NULL: Final = "Null"
SET_PREFIXES: Final = ("ForAllValues", "ForAnyValue")
IF_EXISTS: Final = "IfExists"


def is_operator(text: str) -> bool:
    """Whether `text` is a condition operator spelled as AWS spells it, with its prefix and suffix."""
    name = text
    for prefix in SET_PREFIXES:
        name = name.removeprefix(f"{prefix}:") if name == text else name
    if name == NULL:
        return True
    found = OPERATORS.get(name.removesuffix(IF_EXISTS).lower())
    return found is not None and found.name == name.removesuffix(IF_EXISTS)
