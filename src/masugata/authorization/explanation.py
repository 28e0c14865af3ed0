"""An explained decision, to be read: each level, policy and statement, and where each statement fails."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from masugata.engines.policy import Explanation, PolicyType
from masugata.engines.policy.explain import ConditionReport, LevelReport, StatementReport

Paint = Callable[[str, str], str]

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
_WHY_NOT: Mapping[str | None, str] = {
    "Action": "another Action",
    "Principal": "Principal does not name the caller",
    "Resource": "another Resource",
    "Condition": "Condition",
}
_SHOWN = 8  # values of a condition


def _plain(text: str, _colour: str) -> str:
    return text


def explanation_lines(
    explanation: Explanation, *, everything: bool = False, paint: Paint = _plain, more: str = ""
) -> Iterator[str]:
    """Lines for a reader, an empty one before each level.

    Without `everything`, only statements that cover the action. `paint(text, colour)` may add colours:
    green, red and yellow; `more` ends the line that counts what is not shown.
    """
    for level in explanation.levels:
        state = "denies" if level.denied else "allows" if level.allowed else "does not allow"
        yield ""
        yield f"{_TITLES[level.type]}{_place(level)}: {state}"
        if not level.statements:
            yield "  no statements"
            continue
        shown = [s for s in level.statements if everything or s.failing != "Action" or s.problems]
        for policy, statements in groupby(shown, key=lambda statement: statement.policy):
            yield f"  {policy}"
            for statement in statements:
                yield from _statement(statement, paint)
        hidden = len(level.statements) - len(shown)
        if hidden:
            noun = "statement" if hidden == 1 else "statements"
            yield f"  ({hidden} {noun} about other actions{more})"


def _place(level: LevelReport) -> str:
    """Where in the organization a level is."""
    if level.type not in _LAYERED:
        return ""
    if not level.target:
        return f", level {level.depth} from the root"
    if level.target.startswith("r-"):
        return f" of the root {level.target}"
    kind = "organizational unit" if level.target.startswith("ou-") else "account"
    return f" of the {kind} {level.target}{f' ({level.name})' if level.name else ''}"


def _statement(report: StatementReport, paint: Paint) -> Iterator[str]:
    name = f"{report.effect} {report.sid or f'statement {report.statement}'}"
    if report.matched:
        colour = "green" if report.effect == "Allow" else "red"
        yield f"    {paint('✓', colour)} {name}: matches{_by(report.principal)}"
    else:
        yield f"    · {name}: does not match: {_WHY_NOT[report.failing]}"
    for problem in report.problems:
        yield f"        {paint('!', 'yellow')} {problem}"
    for condition in report.conditions:
        if report.matched or not condition.matched:
            yield f"        {_condition(condition)}"


def _by(principal: str | None) -> str:
    return "" if principal is None else f" ({_NAMED.get(principal, principal)})"


def _condition(report: ConditionReport) -> str:
    mark = "✓" if report.matched else "·"
    values = report.request_values
    has = "the request has none" if values is None else f"the request has {_values(values)}"
    return f"{mark} {report.operator} {report.key}: wants {_values(report.policy_values)}; {has}"


def _values(values: Iterable[str]) -> str:
    listed = list(values)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(f"`{value}`" for value in listed[:_SHOWN]) + more
