"""`masugata policy escalations`: who can give itself more rights than it has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from masugata.cli._account import Source, open_accounts
from masugata.cli._question import check_texts, context_from
from masugata.cli._reach import policy_set_of, reach_options

_EXAMPLES = """\b
Examples:
  masugata policy escalations
  masugata policy escalations --export account.json --from arn:aws:iam::111122223333:user/alice
"""


@click.command("escalations", epilog=_EXAMPLES)
@click.option("--from", "starts", multiple=True, metavar="ARN", help="Only the ways of this user or role.")
@click.option("--administrators-only", is_flag=True, help="Only ways to administrators, and not to others.")
@reach_options
@click.pass_context
def escalations_command(
    ctx: click.Context,
    /,
    starts: tuple[str, ...],
    administrators_only: bool,
    context: tuple[str, ...],
    scp: tuple[Path, ...],
    as_json: bool,
    **source: Any,
) -> None:
    """Find who can give themselves more rights than they have, and how.

    Shown are the shortest way of each user and role to an administrator, and each user or role that it
    gets to act as without being trusted. Every permission of every step is decided by the policy engine;
    a step that depends on what a request holds and --context does not say is possible, and so is what needs
    something that nobody can see in policies, such as a function that exists.
    Exit status: 0 none found, 1 some found, 2 the question cannot be answered.
    """
    from masugata.authorization.reach.escalations import escalations  # noqa: PLC0415
    from masugata.engines.policy import PolicyType  # noqa: PLC0415

    check_texts(*context, *starts)
    scps = tuple(policy_set_of(PolicyType.SCP, path) for path in scp)
    found = escalations(open_accounts(Source(**source), scp=bool(scp)), context_from(context), scps)
    if starts:
        found = found._replace(
            paths=tuple(path for path in found.paths if path.start in starts),
            others=tuple(path for path in found.others if path.start in starts),
        )
    if administrators_only:
        found = found._replace(others=())
    click.echo(orjson.dumps(_to_dict(found)) if as_json else "\n".join(_lines(found)))
    ctx.exit(1 if found.paths or found.others else 0)


def _to_dict(found: Any) -> dict[str, Any]:
    return {
        "administrators": list(found.administrators),
        "paths": [_path_to_dict(path) for path in found.paths],
        "others": [_path_to_dict(path) for path in found.others],
        "notes": list(found.notes),
    }


def _path_to_dict(path: Any) -> dict[str, Any]:
    return {
        "principal": path.start,
        "goal": path.goal,
        "verdict": path.verdict.value,
        "steps": [
            {
                "actor": step.actor,
                "permissions": list(step.permissions),
                "target": step.target,
                "whom": step.whom,
                "gives": step.gives.value,
                "verdict": step.verdict.value,
                "note": step.note,
                "source": step.source,
            }
            for step in path.steps
        ],
    }


def _lines(found: Any) -> Iterator[str]:
    yield f"administrators: {', '.join(found.administrators) or 'none but the root user'}"
    if not found.paths and not found.others:
        yield "nobody else gets more rights than it has"
    for path in found.paths:
        yield f"{_painted(path)}: {path.start} {_becomes(path)}"
        yield from _steps(path)
    for path in found.others:
        yield f"{_painted(path)}: {path.start} acts as {path.goal}"
        yield from _steps(path)
    yield from (f"note: {note}" for note in found.notes)


def _becomes(path: Any) -> str:
    if not path.steps:
        return "is an administrator under the conditions of its policies"
    return f"becomes an administrator in {len(path.steps)} step{'s' if len(path.steps) > 1 else ''}"


def _steps(path: Any) -> Iterator[str]:
    for step in path.steps:
        whom = "" if step.whom == step.target else f" ({step.whom})"
        yield f"    {step.actor}"
        yield f"        {' and '.join(step.permissions)} on {step.target}{whom}: {step.gives.value}"
        if step.note:
            yield f"        {step.note}"


def _painted(path: Any) -> str:
    if path.verdict.value == "certain":
        return click.style("certain", fg="red")
    return click.style("possible", fg="yellow")
