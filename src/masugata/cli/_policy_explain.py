"""`masugata policy explain`: why a request is allowed or denied."""

from pathlib import Path
from typing import Any

import click
import orjson

from masugata.cli._options import data_option, json_option
from masugata.cli._question import Question, check_texts, context_from

_file = click.Path(dir_okay=False, path_type=Path)
_EXAMPLES = """\b
Examples:
  masugata policy explain --policy alice.json --action s3:GetObject \\
      --principal arn:aws:iam::111122223333:user/alice --resource arn:aws:s3:::shop/menu
  masugata policy explain --data .masugata --principal arn:aws:iam::111122223333:role/cook \\
      --action iam:GetUser --resource arn:aws:iam::111122223333:user/alice
  masugata policy explain --data .masugata --event 3038ebd2-c98a-4c65-9b6e-e22506292313
"""


@click.command("explain", epilog=_EXAMPLES)
@click.option("--principal", metavar="ARN", help="Who asks: a user, role, session, root user or service.")
@click.option("--action", help="What they ask, e.g. s3:GetObject.")
@click.option("--resource", metavar="ARN", help="On what. [default: *]")
@click.option(
    "--resource-account", metavar="ID", help="Who owns it. [default: as in its ARN, or the caller's]"
)
@click.option(
    "--context", multiple=True, metavar="KEY=VALUE", help="A condition key; repeat for more values."
)
@click.option("--policy", multiple=True, type=_file, help="An identity policy.")
@click.option("--boundary", type=_file, help="The permissions boundary.")
@click.option("--session", type=_file, help="The session policy.")
@click.option("--resource-policy", type=_file, help="The resource's policy; for a role, its trust policy.")
@click.option("--scp", multiple=True, type=_file, help="A service control policy, one for each level.")
@data_option
@click.option("--event", metavar="EVENT_ID", help="Explain the denied call that this event recorded.")
@click.option("--region", help="Region of the event. [default: us-east-1 and the setting's]")
@click.option("--all", "everything", is_flag=True, help="Show statements about other actions too.")
@json_option
@click.pass_context
def explain_command(
    ctx: click.Context,
    /,
    principal: str | None,
    action: str | None,
    resource: str | None,
    resource_account: str | None,
    context: tuple[str, ...],
    data: Path | None,
    event: str | None,
    region: str | None,
    everything: bool,
    as_json: bool,
    **files: Any,
) -> None:
    """Say why a request is allowed or denied, statement by statement.

    With policies from files, nothing else is needed. Without, the policies are those of an installation
    as they are now; there --session needs --data, as no installation keeps session policies.
    Exit status: 0 allowed, 1 denied, 2 the question cannot be answered.
    """
    from masugata.cli._explanation import render, to_dict  # noqa: PLC0415

    check_texts(principal, action, resource, *context)
    question = Question(principal, action, resource or "*", resource_account, context_from(context))
    if data is None and event is None and any(files.values()):
        from masugata.cli._question_offline import answer  # noqa: PLC0415

        found = answer(question, files)
    else:
        from masugata.cli._question_installation import answer_event, answer_now  # noqa: PLC0415

        session = _only_session(files)
        if event is None:
            found = answer_now(question, data, session)
        else:
            found = answer_event(event, data, region, question, session)
    click.echo(orjson.dumps(to_dict(found)) if as_json else render(found, everything=everything))
    ctx.exit(0 if found.allowed else 1)


def _only_session(files: dict[str, Any]) -> Path | None:
    """Policies from files and from an installation would be two questions."""
    given = [f"--{name.replace('_', '-')}" for name, value in files.items() if value and name != "session"]
    if given:
        raise click.UsageError(f"{', '.join(given)} cannot be used together with --data or --event")
    session: Path | None = files["session"]
    return session
