"""A simulated request, as the command line shows it."""

from collections.abc import Iterator
from typing import Any

import click

from masugata.authorization.explanation import explanation_lines
from masugata.authorization.simulation import MatchedStatement
from masugata.cli._explanation import painted
from masugata.cli._offline import why
from masugata.cli._simulate import Outcome


def to_dict(outcome: Outcome) -> dict[str, Any]:
    """All there is, for programs; lines and columns count from 1."""
    simulated = outcome.simulated
    plain: dict[str, Any] = {
        "action": outcome.action,
        "resource": outcome.resource,
        "decision": "implicitDeny" if simulated is None else simulated.decision,
        "reason": _reason(outcome),
    }
    if simulated is not None:
        plain |= {
            "principal": simulated.request.principal.arn,
            "matched": [_matched(one) for one in simulated.matched],
            "missing": list(simulated.missing),
            "explanation": simulated.explanation.to_dict(),
        }
    return plain


def render(outcome: Outcome, *, everything: bool) -> str:
    """Lines for a terminal: the decision, the statements that made it, and what came near a denial."""
    allowed = outcome.allowed
    word = click.style("allowed", fg="green") if allowed else click.style("denied", fg="red")
    return "\n".join([f"{word}  {outcome.action} on {outcome.resource}", *_reasons(outcome, everything)])


def _reasons(outcome: Outcome, everything: bool) -> Iterator[str]:
    simulated = outcome.simulated
    yield f"  {_reason(outcome)}"
    if simulated is None:
        return
    # One policy may be attached at several levels.
    yield from dict.fromkeys(f"  {_place(m)}: {m.report.effect}{_sid(m)}" for m in simulated.matched)
    if everything or not outcome.allowed:
        for line in explanation_lines(
            simulated.explanation, everything=everything, paint=painted, more="; see them with --all"
        ):
            yield f"  {line}" if line else ""
    if simulated.missing:
        keys = ", ".join(simulated.missing)
        yield f"  not known: {keys} (say them with --context)"


def _reason(outcome: Outcome) -> str:
    simulated = outcome.simulated
    if simulated is None:
        return f"because {outcome.problem}"
    return why(simulated.explanation.decision, outcome.action)


def _place(matched: MatchedStatement) -> str:
    return f"{matched.policy.source}:{matched.span.brace.line}"


def _sid(matched: MatchedStatement) -> str:
    return f" {matched.report.sid}" if matched.report.sid else f" statement {matched.report.statement}"


def _matched(matched: MatchedStatement) -> dict[str, Any]:
    span = matched.span
    return {
        "policy": matched.policy.source,
        "type": str(matched.level),
        "target": matched.target,
        "effect": matched.report.effect,
        "statement": matched.report.statement,
        "sid": matched.report.sid,
        "start": {"line": span.brace.line, "column": span.brace.column},
        "end": {"line": span.end.line, "column": span.end.column},
    }
