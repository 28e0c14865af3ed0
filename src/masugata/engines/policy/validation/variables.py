"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`; where and how they stand."""

from typing import Final

from masugata.engines.policy.validation._report import Report, show
from masugata.engines.policy.validation._statements import Statement, texts
from masugata.engines.policy.validation._tree import Text

_SIGNS: Final = frozenset({"*", "?", "$"})
_VERSION: Final = "2012-10-17"


def _resources(statement: Statement, report: Report) -> None:
    for resource in statement.resources:
        _check(resource, statement.version, report)


def _conditions(statement: Statement, report: Report) -> None:
    for test in statement.tests:
        for node in test.values:
            if not isinstance(node, Text) or "${" not in node.value:
                continue
            if test.family and test.family not in ("String", "Arn"):
                message = (
                    f"{show(test.operator.value)} takes {show(node.value)} literally; String and Arn"
                    " operators know"
                    " variables"
                )
                report.add("INVALID_VARIABLE_FOR_OPERATOR", message, node)
            else:
                _check(node, statement.version, report)


def _elsewhere(statement: Statement, report: Report) -> None:
    others = [*statement.actions, *(name for _, name in statement.principals())]
    for name in ("Sid", "Effect", "Principal", "NotPrincipal"):
        others += texts(statement.node.get(name))
    for node in others:
        if "${" in node.value:
            message = f"there are no variables in this element: {show(node.value)}"
            report.add("VARIABLE_UNSUPPORTED_IN_ELEMENT", message, node)


def _check(node: Text, version: str, report: Report) -> None:
    text = node.value
    start = text.find("${")
    if start >= 0 and version != _VERSION:
        message = f"{show(text)} has no variable but this text, since the policy is not of version {_VERSION}"
        report.add("VARIABLE_UNSUPPORTED_IN_VERSION", message, node)
        return
    while start >= 0:
        end = text.find("}", start)
        if end < 0:
            message = f"the variable in {show(text)} does not end; add a `}}`"
            report.add("MISSING_BRACE_IN_VARIABLE", message, node)
            return
        _body(node, text[start + 2 : end], report)
        start = text.find("${", end)


def _body(node: Text, body: str, report: Report) -> None:
    if body in _SIGNS:
        return
    key, comma, default = body.partition(",")
    if not key.strip():
        report.add("EMPTY_VARIABLE", "the variable `${}` names no key", node)
        return
    if " " in key:
        report.add("UNSUPPORTED_SPACE_IN_VARIABLE", f"the key {show(key)} of a variable has a space", node)
    default = default.strip()
    if comma and not (len(default) > 1 and default[0] == default[-1] == "'"):
        message = f"the default in {show('${' + body + '}')} must stand between single quotes"
        report.add("MISSING_QUOTE_IN_VARIABLE", message, node)


CHECKS = (_resources, _conditions, _elsewhere)
