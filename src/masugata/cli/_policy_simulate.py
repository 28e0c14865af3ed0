"""`masugata policy simulate`: what policies would decide about requests that nobody made."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from masugata.cli._account import Source, account_options, open_accounts
from masugata.cli._options import json_option
from masugata.cli._question import check_texts, context_from

_file = click.Path(dir_okay=False, path_type=Path)
_EXAMPLES = """\b
Examples:
  masugata policy simulate s3:GetObject s3:PutObject --policy alice.json \\
      --resource arn:aws:s3:::shop/menu
  masugata policy simulate iam:CreateUser --principal arn:aws:iam::111122223333:user/alice
  masugata policy simulate s3:GetObject --export account.json --resource arn:aws:s3:::shop/menu \\
      --principal arn:aws:iam::111122223333:role/cook --context aws:SourceIp=10.0.0.1
"""


@click.command("simulate", epilog=_EXAMPLES)
@click.argument("actions", metavar="ACTION...", nargs=-1, required=True)
@click.option("--principal", metavar="ARN", help="Who asks: a user, role, session, root user or service.")
@click.option("--resource", "resources", multiple=True, metavar="ARN", help="On what. [default: *]")
@click.option(
    "--resource-account", metavar="ID", help="Who owns them. [default: as in the ARN, or the caller's]"
)
@click.option(
    "--context", multiple=True, metavar="KEY=VALUE", help="A condition key; repeat for more values."
)
@click.option("--policy", multiple=True, type=_file, help="An identity policy, beside those of an account.")
@click.option("--boundary", type=_file, help="The permissions boundary, in the place of the account's.")
@click.option(
    "--scp", multiple=True, type=_file, help="An SCP for each level, in the place of the organization's."
)
@click.option("--resource-policy", type=_file, help="The resource's policy; for a role, its trust policy.")
@account_options
@click.option("--all", "everything", is_flag=True, help="Show every statement of every policy.")
@json_option
@click.pass_context
def simulate_command(
    ctx: click.Context,
    /,
    actions: tuple[str, ...],
    principal: str | None,
    resources: tuple[str, ...],
    resource_account: str | None,
    context: tuple[str, ...],
    data: Path | None,
    endpoint: str | None,
    profile: str | None,
    export: tuple[Path, ...],
    everything: bool,
    as_json: bool,
    **files: Any,
) -> None:
    """Say what policies would decide about each ACTION on each resource, and by which statement.

    With --policy and no source, nothing but files is asked. Otherwise the policies are those of the
    principal in an account: of an exported one, of a server, or of the installation here.
    Exit status: 0 all allowed, 1 some denied, 2 the question cannot be answered.
    """
    from masugata.cli._simulate import (  # noqa: PLC0415
        Asked,
        Files,
        check_asked,
        simulate_account,
        simulate_files,
    )
    from masugata.cli._simulation_text import render, to_dict  # noqa: PLC0415

    check_texts(principal, *actions, *resources, *context)
    asked = Asked(principal, actions, resources or ("*",), resource_account, context_from(context))
    check_asked(asked)
    given = Files(**files)
    source = Source(data, endpoint, profile, export)
    notes: Sequence[str] = ()
    if any(source) or not given.policy:
        view = open_accounts(source, scp=bool(given.scp))
        outcomes: Iterator[Any] = simulate_account(asked, view, given)
        notes = view.notes
    else:
        outcomes = simulate_files(asked, given)
    found = list(outcomes)
    if as_json:
        click.echo(orjson.dumps({"results": [to_dict(one) for one in found], "notes": list(notes)}))
    else:
        click.echo("\n".join([*(render(one, everything=everything) for one in found), *_noted(notes)]))
    ctx.exit(0 if all(outcome.allowed for outcome in found) else 1)


def _noted(notes: Sequence[str]) -> Iterator[str]:
    return (f"note: {note}" for note in notes)
