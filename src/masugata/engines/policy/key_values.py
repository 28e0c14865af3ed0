"""Values of one condition key that tell all tests of it apart: each way in which they can hold together."""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from itertools import combinations, islice, pairwise
from typing import Final, NamedTuple

from masugata.engines.common import parse_range
from masugata.engines.policy.conditions import Condition, parse_operator
from masugata.engines.policy.languages import Pattern, distinguished
from masugata.engines.policy.operators import NULL
from masugata.engines.policy.pattern_texts import ARN_TEXTS, arn_pattern, text_pattern
from masugata.engines.policy.values import parse_binary, parse_date, parse_number
from masugata.engines.policy.variables import Context

Value = str | tuple[str, ...] | None
"""A value, a set of values, or None for a key that the request does not have."""

_MOST_SETS: Final = 500
_UNTYPED: Final = "?"  # no number, no date, no address, no Base64
_LAST: Final = {4: 2**32 - 1, 6: 2**128 - 1}


class KeyTest(NamedTuple):
    """A test of the key, and whether its policy has variables."""

    condition: Condition
    variables: bool


class KeyValues(NamedTuple):
    """The values; `complete` if there is no other way in which the tests can hold together."""

    values: tuple[Value, ...]
    complete: bool


def key_values(tests: Sequence[KeyTest], *, single: bool, context: Context) -> KeyValues:
    """Values for the tests of one key; `single` if AWS never gives it several values.

    `context` has the values of policy variables.
    """
    families: dict[str, list[KeyTest]] = {}
    sets = 0
    for test in tests:
        prefix, name, _ = parse_operator(test.condition.operator)
        sets += prefix != ""
        if test.condition.problem is None and name != NULL.lower():
            families.setdefault(_family(name), []).append(test)
    texts: dict[str, None] = {}
    complete = len(families) < 2
    for family, members in families.items():
        found, whole = _FAMILIES[family](members, context)
        texts.update(dict.fromkeys(found))
        complete = complete and whole
    cells = tuple(texts) or ("x",)
    values: list[Value] = [None, *cells]
    if not single:
        wanted = max(2, sets)
        several = list(islice(_subsets(cells, wanted), _MOST_SETS + 1))
        complete = complete and len(several) <= _MOST_SETS
        values += several[:_MOST_SETS]
    return KeyValues(tuple(values), complete)


def _subsets(cells: Sequence[str], most: int) -> Iterator[tuple[str, ...]]:
    """Sets of values: a test of a set needs one value that it holds for, or one that it does not."""
    if len(cells) == 1:
        yield cells[0], cells[0]
    for size in range(1, min(most, len(cells)) + 1):
        yield from combinations(cells, size)


def _family(name: str) -> str:
    for family in ("numeric", "date", "binary"):
        if name.startswith(family):
            return family
    return "address" if name in ("ipaddress", "notipaddress") else "text"


def _texts(tests: Sequence[KeyTest], context: Context) -> tuple[Iterable[str], bool]:
    patterns: list[Pattern | None] = [()]  # the empty text is no value for ForAllValues
    for condition, variables in tests:
        _, name, _ = parse_operator(condition.operator)
        if name.startswith("arn"):
            patterns.append(ARN_TEXTS)
            patterns += [
                arn_pattern(value, variables=variables, context=context) for value in condition.values
            ]
            continue
        fold, wildcards = name.endswith("ignorecase") or name == "bool", name.endswith("like")
        values = [*condition.values, "true", "false"] if name == "bool" else condition.values
        patterns += [
            text_pattern(value, wildcards=wildcards, fold=fold, variables=variables, context=context)
            for value in values
        ]
    return distinguished([pattern for pattern in patterns if pattern is not None])


def _numbers(parse: Callable[[str], Decimal | None]) -> Callable[..., tuple[Iterable[str], bool]]:
    def values(tests: Sequence[KeyTest], context: Context) -> tuple[Iterable[str], bool]:  # noqa: ARG001
        limits = {parse(value) for condition, _ in tests for value in condition.values} - {None}
        points = sorted(limit for limit in limits if limit is not None)
        if not points:
            return ("0", _UNTYPED), True
        between = [(low + high) / 2 for low, high in pairwise(points)]
        found = [points[0] - 1, *points, *between, points[-1] + 1]
        texts = [f"{point:f}" for point in found]
        return (*texts, _UNTYPED), all(parse(text) == point for text, point in zip(texts, found, strict=True))

    return values


def _binary(tests: Sequence[KeyTest], context: Context) -> tuple[Iterable[str], bool]:  # noqa: ARG001
    known = {parse_binary(value) for condition, _ in tests for value in condition.values} - {None}
    other = next(bytes([number]) for number in range(256) if bytes([number]) not in known)
    return (
        *(base64.b64encode(value or b"").decode() for value in sorted({*known, other}, key=repr)),
        _UNTYPED,
    ), True


def _addresses(tests: Sequence[KeyTest], context: Context) -> tuple[Iterable[str], bool]:  # noqa: ARG001
    places: dict[tuple[int, int], None] = {(4, 1): None, (6, 1): None}
    for condition, _ in tests:
        for value in condition.values:
            limits = parse_range(value)
            if limits is None:
                continue
            version, first, last = limits
            for number in (first, first - 1, last, last + 1):
                if 0 <= number <= _LAST[version]:
                    places[version, number] = None
    make = {4: IPv4Address, 6: IPv6Address}
    return (*(str(make[version](number)) for version, number in places), _UNTYPED), True


_FAMILIES: Final[dict[str, Callable[..., tuple[Iterable[str], bool]]]] = {
    "text": _texts,
    "numeric": _numbers(parse_number),
    "date": _numbers(parse_date),
    "binary": _binary,
    "address": _addresses,
}
