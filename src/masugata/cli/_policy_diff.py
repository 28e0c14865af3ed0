"""`masugata policy diff`: what a new version of a policy allows that the old one does not."""

from pathlib import Path

import click
import orjson

from masugata.cli._options import json_option

_path = click.Path(path_type=Path)
_EXAMPLES = """\b
Examples:
  masugata policy diff old.json new.json
  masugata policy diff --type trust --removed before.json after.json
  masugata policy diff policies-of-main/ policies/
"""
TYPES = ("identity", "boundary", "session", "scp", "resource", "trust")


@click.command("diff", epilog=_EXAMPLES)
@click.argument("old", type=_path)
@click.argument("new", type=_path)
@click.option(
    "--type",
    "type_",
    type=click.Choice(TYPES),
    help="What they are. [default: identity or resource, as seen]",
)
@click.option(
    "--account", "accounts", multiple=True, metavar="ID", help="Who owns the resource. [default: any]"
)
@click.option("--removed", is_flag=True, help="Show also what OLD allows and NEW does not.")
@json_option
@click.pass_context
def diff_command(
    ctx: click.Context,
    /,
    old: Path,
    new: Path,
    type_: str | None,
    accounts: tuple[str, ...],
    removed: bool,
    as_json: bool,
) -> None:
    """Say what NEW allows and OLD does not, each with a request that was judged by the policy engine.

    OLD and NEW are files, or folders whose `.json` files apply together. Only what is shown to be the case is
    said: where variables or too many patterns hide whether there is more, that is told, and nothing is
    called unchanged. Exit status: 0 nothing new, 1 new permissions, 2 not known or not possible.
    """
    from masugata.cli._comparison import compared, read_side, render, to_dict, type_of  # noqa: PLC0415

    before, after = read_side(old), read_side(new)
    kind = type_of((before, after), type_)
    granted = compared(before, after, kind, accounts)
    gone = compared(after, before, kind, accounts) if removed else None
    if as_json:
        click.echo(orjson.dumps(to_dict(kind, granted, gone)))
    else:
        click.echo(render(granted, gone))
    ctx.exit(1 if granted.permissions else 2 if granted.unknown else 0)
