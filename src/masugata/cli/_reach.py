"""What the verbs about whole accounts share: their options, and the words for their answers."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from masugata.authorization.reach.assuming import Assumption
from masugata.authorization.reach.people import Person
from masugata.cli._account import account_options
from masugata.cli._options import json_option
from masugata.cli._question import read_policy
from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.engines.policy.matrix import Ground, Reasons, Verdict
from masugata.errors import MasugataError

Command = TypeVar("Command", bound=Callable[..., Any])
_FILE = click.Path(dir_okay=False, path_type=Path)
_LEVELS = {
    PolicyType.BOUNDARY: "permissions boundary",
    PolicyType.SCP: "service control policy",
    PolicyType.RCP: "resource control policy",
    PolicyType.SESSION: "session policy",
}
_SHOWN = 3  # statements of one kind


def reach_options(command: Command) -> Command:
    """The options that all of them have."""
    for option in (
        json_option,
        account_options,
        click.option(
            "--scp",
            multiple=True,
            type=_FILE,
            help="An SCP for each level, in the place of the organization's.",
        ),
        click.option(
            "--context", multiple=True, metavar="KEY=VALUE", help="A condition key of every request."
        ),
    ):
        command = option(command)
    return command


def policy_set_of(type_: PolicyType, path: Path) -> PolicySet:
    """The policy in a file; raises `MasugataError`."""
    text = read_policy(path)
    try:
        validate_policy(text, type_)
        return PolicySet(type_, [compile_policy(text, type_, str(path))])
    except MalformedPolicyError as error:
        raise MasugataError(f"`{path}` is not a policy of type {type_}: {error}") from None


def ground_to_dict(ground: Ground) -> dict[str, Any]:
    """A statement, for programs."""
    return {
        "type": str(ground.type),
        "policy": ground.policy,
        "statement": ground.statement,
        "sid": ground.sid,
        "if": list(ground.open),
    }


def reasons_to_dict(reasons: Reasons) -> dict[str, Any]:
    """All statements, for programs."""
    return {
        "allows": [ground_to_dict(ground) for ground in reasons.allows],
        "limits": [ground_to_dict(ground) for ground in reasons.limits],
        "denies": [ground_to_dict(ground) for ground in reasons.denies],
    }


def assumption_to_dict(assumption: Assumption) -> dict[str, Any]:
    """A step through a role, for programs."""
    return {
        "principal": assumption.person.name,
        "action": assumption.action,
        "role": assumption.role,
        "verdict": assumption.verdict.value,
    }


def reason_lines(person: Person, verdict: Verdict, reasons: Reasons) -> Iterator[str]:
    """Because of which statements somebody may, and what is open."""
    if person.outside and person.note:
        yield person.note
    if person.root:
        yield "the root user may do it"
    allows = [ground for ground in reasons.allows if not (verdict is Verdict.CERTAIN and ground.open)]
    yield from _listed([f"by {named(ground)}{_if(ground)}" for ground in allows])
    yield from _listed(
        [
            f"and as far as {_LEVELS.get(g.type, str(g.type))} {named(g)} allows it{_if(g)}"
            for g in reasons.limits
        ]
    )
    yield from _listed([f"unless {named(ground)} denies it{_if(ground)}" for ground in reasons.denies])


def named(ground: Ground) -> str:
    """A statement by its policy and Sid, or number; the grant of a key by its id."""
    if ground.statement is None:
        return ground.policy
    return f"{ground.policy}, statement {ground.sid or ground.statement}"


def painted(verdict: Verdict) -> str:
    """The word for a verdict."""
    if verdict is Verdict.CERTAIN:
        return click.style("may", fg="green")
    return click.style("may, if", fg="yellow")


def _listed(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"… and {len(lines) - _SHOWN} more statements"


def _if(ground: Ground) -> str:
    return f", if {' and '.join(ground.open)}" if ground.open else ""
