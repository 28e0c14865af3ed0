"""Condition operators and the lists of values, whatever the keys."""

from typing import Final

from masugata.engines.policy.operators import NULL, OPERATORS, is_operator
from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement, Test
from masugata.engines.policy.validation._tree import Array, Object, Scalar, Text

_OPERATORS: Final = (*(operator.name for operator in OPERATORS.values()), NULL)
_EMPTY: Final = {
    "ForAllValues": ("_FORALLVALUES", "matches only where the request lacks the key; say `Null` with `true`"),
    "ForAnyValue": ("_FORANYVALUE", "never matches"),
    "IfExists": ("_IFEXISTS", "matches only where the request lacks the key; say `Null` with `true`"),
    "": ("", "has no values to compare with"),
}


def _operators(statement: Statement, report: Report) -> None:
    condition = statement.node.get("Condition")
    for operator, _ in condition.members if isinstance(condition, Object) else ():
        name = operator.value
        if name.endswith("NullIfExists"):
            message = "`Null` asks whether the key exists, so IfExists says nothing; remove it"
            report.add("NULL_WITH_IF_EXISTS", message, operator)
        elif not is_operator(name):
            meant = report.meant(name.rpartition(":")[2], _OPERATORS)
            report.add("INVALID_CONDITION_OPERATOR", f"there is no operator {show(name)}{meant}", operator)
        elif name.endswith(":Null"):
            message = (
                f"{show(name)} is always true with ForAllValues and always false with ForAnyValue; say `Null`"
            )
            report.add("NULL_WITH_QUALIFIER", message, operator)


def _duplicates(statement: Statement, report: Report) -> None:
    seen: dict[tuple[int, str], Text] = {}
    for test in statement.tests:
        first = seen.setdefault((test.operator.start, test.lower), test.key)
        if first.value != test.key.value:
            message = (
                f"keys have no case: {show(test.key.value)} is {show(first.value)}, which is in this block"
                " too"
            )
            report.add("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", message, test.key, first)


def _values(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        _types(test, report)
        if isinstance(test.value, Array) and not test.value.items:
            how = test.qualifier or ("IfExists" if test.if_exists else "")
            suffix, effect = _EMPTY[how]
            report.add(
                f"EMPTY_ARRAY_CONDITION{suffix}",
                f"{show(test.key.value)} without values {effect}",
                test.value,
            )
        if test.family in ("Bool", "Null") and len(test.values) > 1:
            message = f"{show(test.operator.value)} takes one value, and here are {len(test.values)}"
            report.add("INVALID_CONDITION_MULTIPLE_BOOLEAN", message, test.value)


def _types(test: Test, report: Report) -> None:
    for node in test.values:
        if not isinstance(node, Text | Scalar) or node.kind == "null":
            message = f"this is of type {node.kind}, and values are strings, numbers and booleans"
            report.add("DATA_TYPE_MISMATCH", message, node)
    kinds = {node.kind for node in test.values}
    if len(kinds) > 1:
        message = (
            f"the values of {show(test.key.value)} are of the types {' and '.join(sorted(kinds))}; use one"
        )
        report.add("INVALID_CONDITION_DATA_TYPE", message, test.value)


def _wildcards(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        if test.family != "String" or test.like:
            continue
        for node, value in test.texts():
            plain = value.replace("${*}", "").replace("${?}", "")
            if "*" in plain or "?" in plain:
                message = (
                    f"{show(test.operator.value)} compares {show(value)} literally; for wildcards use"
                    " StringLike"
                )
                report.add("WILDCARD_WITHOUT_LIKE_OPERATOR", message, node)


def _always(statement: Statement, report: Report) -> None:
    """`*` alone: what matches everything says only whether the request has the key."""
    for test in statement.tests:
        stars = [node for node, value in test.texts() if value and not value.strip("*")]
        if not stars or test.family != "String" or not test.like:
            continue
        if test.negated:
            message = (
                f"{show(test.key.value)} with {show(test.operator.value)} `*` matches no value, only requests"
                " without the key"
            )
            report.add("REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", message, stars[0])
        else:
            absent = "requests without the key too" if not test.needs_key else "so say `Null` with `false`"
            message = (
                f"{show(test.key.value)} with {show(test.operator.value)} `*` matches every value, {absent}"
            )
            report.add("REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", message, stars[0])


CHECKS = (_operators, _duplicates, _values, _wildcards, _always)
