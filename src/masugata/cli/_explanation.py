"""An explained decision, to be read: level, policy, statement, and where each statement fails."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import click

from masugata.cli._question import Answer
from masugata.engines.policy import Explanation, PolicyType

_TITLES = {
    PolicyType.IDENTITY: "identity-based policies",
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SESSION: "session policy",
    PolicyType.RESOURCE: "resource-based policy",
    PolicyType.TRUST: "role trust policy",
    PolicyType.SCP: "service control policies",
    PolicyType.RCP: "resource control policies",
    PolicyType.VPCE: "VPC endpoint policy",
}
_LAYERED = (PolicyType.SCP, PolicyType.RCP)
_NAMED = {
    "CALLER": "names the caller",
    "ISSUER": "names the role or user behind the session",
    "ANYONE": "names everyone",
    "ACCOUNT": "names the caller's account",
    "OTHERS": "names everyone but those it lists",
}
_SHOWN = 8  # values of a condition


def to_dict(answer: Answer) -> dict[str, Any]:
    """All there is, for programs."""
    request, explanation = answer.request, answer.explanation
    return {
        "allowed": answer.allowed,
        "reason": answer.reason,
        "principal": answer.principal,
        "action": answer.action,
        "resource": answer.resource,
        "context": {} if request is None else dict(request.context),
        "explanation": None if explanation is None else explanation.to_dict(),
        "notes": list(answer.notes),
    }


def render(answer: Answer, *, everything: bool) -> str:
    """Lines for a terminal; without `everything`, only statements that cover the action."""
    word = click.style("allowed", fg="green") if answer.allowed else click.style("denied", fg="red")
    lines = [
        f"{answer.principal or 'anonymous'}",
        f"  {answer.action} on {answer.resource}",
        f"{word}: {answer.reason}",
    ]
    if answer.explanation is not None:
        lines += _levels(answer.explanation, everything)
    lines += [f"note: {note}" for note in answer.notes]
    return "\n".join(lines)


def _levels(explanation: Explanation, everything: bool) -> Iterator[str]:
    for level in explanation.levels:
        depth = f", level {level.depth} from the root" if level.type in _LAYERED else ""
        state = "denies" if level.denied else "allows" if level.allowed else "does not allow"
        yield ""
        yield f"{_TITLES[level.type]}{depth}: {state}"
        if not level.statements:
            yield "  no statements"
            continue
        shown = [s for s in level.statements if everything or s.failing != "Action" or s.problems]
        for policy, statements in groupby(shown, key=lambda statement: statement.policy):
            yield f"  {policy}"
            for statement in statements:
                yield from _statement(statement)
        hidden = len(level.statements) - len(shown)
        if hidden:
            noun = "statement" if hidden == 1 else "statements"
            yield f"  ({hidden} {noun} about other actions; see them with --all)"


def _statement(report: Any) -> Iterator[str]:
    name = f"{report.effect} {report.sid or f'statement {report.statement}'}"
    if report.matched:
        colour = "green" if report.effect == "Allow" else "red"
        yield f"    {click.style('✓', fg=colour)} {name}: matches{_by(report.principal)}"
    else:
        yield f"    · {name}: does not match: {_why_not(report)}"
    for problem in report.problems:
        yield f"        {click.style('!', fg='yellow')} {problem}"
    for condition in report.conditions:
        if report.matched or not condition.matched:
            yield f"        {_condition(condition)}"


def _by(principal: str | None) -> str:
    return "" if principal is None else f" ({_NAMED.get(principal, principal)})"


def _why_not(report: Any) -> str:
    return {
        "Action": "another Action",
        "Principal": "Principal does not name the caller",
        "Resource": "another Resource",
        "Condition": "Condition",
    }[report.failing]


def _condition(report: Any) -> str:
    mark = "✓" if report.matched else "·"
    values = report.request_values
    has = "the request has none" if values is None else f"the request has {_values(values)}"
    return f"{mark} {report.operator} {report.key}: wants {_values(report.policy_values)}; {has}"


def _values(values: Iterable[str]) -> str:
    listed = list(values)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(f"`{value}`" for value in listed[:_SHOWN]) + more
