"""An explained decision, as the command line shows it."""

from typing import Any

import click

from masugata.authorization.explanation import explanation_lines
from masugata.cli._question import Answer


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
        lines += explanation_lines(
            answer.explanation, everything=everything, paint=painted, more="; see them with --all"
        )
    lines += [f"note: {note}" for note in answer.notes]
    return "\n".join(lines)


def painted(text: str, colour: str) -> str:
    """The text in a colour of the terminal."""
    return click.style(text, fg=colour)
