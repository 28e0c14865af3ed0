"""`masugata doctor`: whether this machine is fit and an installation sound."""

import os
from pathlib import Path

import click
import orjson

from masugata.cli._checks import Check, Mark
from masugata.cli._options import data_option, json_option, settings_from
from masugata.settings import Settings

_SIGNS = {Mark.FINE: ("✓", "green"), Mark.WARNING: ("!", "yellow"), Mark.WRONG: ("✗", "red")}
_UNKNOWN = ("?", "magenta")


@click.command(epilog="Example: masugata doctor --data .masugata")
@data_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, data: Path | None, as_json: bool) -> None:
    """Check this machine and an installation, and say what to do about what is wrong.

    ✓ is fine, ! deserves a look, ✗ is wrong, ? could not be looked at. Exit status: 0 all fine, 1
    something found, 2 something could not be looked at. Nothing is changed and no secret is shown.
    """
    checks = _run(settings_from({"data": data}))
    if as_json:
        click.echo(orjson.dumps({"status": _status(checks), "checks": [c.to_dict() for c in checks]}))
    else:
        for check in checks:
            _print(check)
    ctx.exit({"fine": 0, "found": 1, "unknown": 2}[_status(checks)])


def _run(settings: Settings) -> list[Check]:
    # These reach for everything the program has, which other verbs need not wait for.
    from masugata.cli._checks_installation import installation_checks  # noqa: PLC0415
    from masugata.cli._checks_keeper import keeper_checks  # noqa: PLC0415
    from masugata.cli._checks_machine import machine_checks  # noqa: PLC0415
    from masugata.cli._checks_port import port_check  # noqa: PLC0415
    from masugata.cli._checks_server import server_checks  # noqa: PLC0415
    from masugata.cli._checks_shell import shell_checks  # noqa: PLC0415

    checks = [*machine_checks(), *installation_checks(settings), *keeper_checks(settings)]
    endpoint, answers = server_checks(settings)
    if not any(check.name == "server" and check.mark is Mark.FINE for check in answers):
        answers.append(port_check(settings))
    return [*checks, *answers, *shell_checks(settings, endpoint, os.environ)]


def _status(checks: list[Check]) -> str:
    marks = {check.mark for check in checks}
    if Mark.UNKNOWN in marks:
        return "unknown"
    return "fine" if marks <= {Mark.FINE} else "found"


def _print(check: Check) -> None:
    sign, colour = _SIGNS.get(check.mark, _UNKNOWN)
    click.echo(f"{click.style(sign, fg=colour, bold=True)} {check.name}: {check.text}")
    if check.advice:
        click.echo(f"    {check.advice}")
