"""`masugata apply`: make an organization as a file describes it."""

from pathlib import Path
from typing import Any

import click
import orjson

from masugata.apply import (
    InvalidFileError,
    Plan,
    State,
    StoppedError,
    execute,
    load_description,
    plan_of,
)
from masugata.cli._applying import (
    Connected,
    Where,
    connected,
    keeper_of_keys,
    plan_dict,
    plan_text,
    server_options,
    tell_problems,
)
from masugata.cli._options import json_option, settings_from
from masugata.cli._progress import progress


@click.command(epilog="Example: masugata apply organization.yaml --dry-run")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show the difference, and change nothing.")
@click.option("--prune", is_flag=True, help="Remove what is there and not in the file.")
@server_options
@json_option
def apply(file: Path, dry_run: bool, prune: bool, as_json: bool, **where: Any) -> int:
    """Make accounts, policies, users, groups and roles as FILE describes them, and nothing twice.

    What is there and not in the file is left alone, unless --prune is said. A file that breaks a rule
    changes nothing: each is told with file, line and column. New access keys are written to the
    credentials file. Exit status 1: --dry-run found a difference.
    """
    limits = settings_from({"data": where["data"]}).limits
    try:
        description = load_description(file, limits)
        with connected(Where(**where)) as server:
            plan, state = plan_of(description, server.sessions, prune=prune)
            if dry_run:
                click.echo(orjson.dumps(plan_dict(plan)).decode() if as_json else _shown(plan_text(plan)))
                return 1 if plan.changes else 0
            return _make(plan, state, server, as_json=as_json)
    except InvalidFileError as error:
        tell_problems(error, as_json=as_json)
        return 2


def _make(plan: Plan, state: State, server: Connected, *, as_json: bool) -> int:
    """Make the changes, and tell what was done; raises `StoppedError` unless that is told as JSON."""
    keep = keeper_of_keys(server.credentials)
    try:
        with progress(quiet=as_json) as report:
            done = execute(plan, server.sessions, state.names, keep, report=report)
    except StoppedError as error:
        if not as_json:
            raise
        told = plan_dict(plan) | {"made": error.done, "error": str(error)}
        click.echo(orjson.dumps(told).decode())
        return 2
    if as_json:
        click.echo(orjson.dumps(plan_dict(plan) | {"made": done}).decode())
    else:
        click.echo(_shown(plan_text(plan)))
        click.echo(_summary(done, plan, server.credentials))
    return 0


def _shown(text: str) -> str:
    return text or "No difference."


def _summary(done: int, plan: Plan, credentials: Path) -> str:
    keys = any(change.operation == "CreateAccessKey" for change in plan.changes)
    text = f"{done} change{'' if done == 1 else 's'} made."
    return f"{text}\nNew access keys are in {credentials}." if keys else text
