"""`masugata login`: sign in with a password, and keep the session as a profile."""

from pathlib import Path
from typing import Any

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._passwords import Passwords, stdin_option
from masugata.cli._sign_in import SignInRefusedError, SignInServer
from masugata.cli.env import Endpoint, running_endpoint
from masugata.errors import MasugataError
from masugata.server import (
    Credentials,
    CredentialsError,
    credentials_path,
    read_credentials,
    read_session_token,
    write_credentials,
)
from masugata.settings import Settings


@click.command(epilog="Example: masugata login --user alice")
@data_option
@click.option("--endpoint", metavar="URL", help="A server elsewhere. [default: the one of --data]")
@click.option("--ca", type=click.Path(dir_okay=False, path_type=Path), help="Whom its certificate is from.")
@click.option("--account", metavar="ID|ALIAS", help="The account, if there are several.")
@click.option("--user", metavar="NAME", help="Sign in as this IAM user.")
@click.option("--root", "as_root", is_flag=True, help="Sign in as the root user.")
@click.option("--email", help="The root user's e-mail address. [default: the setting root_email]")
@stdin_option
@click.option("--mfa-code", metavar="CODE", help="The six digits that the MFA device shows.")
@click.option("--seconds", type=click.IntRange(900, 43_200), help="How long the session lasts at most.")
@click.option("--profile", default="login", show_default=True, help="The profile to keep the session as.")
@json_option
def login(data: Path | None, endpoint: str | None, ca: Path | None, **options: Any) -> int:
    """Sign in with a password, and an MFA code where there is an MFA device.

    The session lasts twelve hours, of the root user one. A password that must be changed is changed on
    the way; --password-stdin reads the new one from the second line. With --json the session is
    written to standard output, and kept nowhere. Exit status 1: refused.
    """
    settings = settings_from({"data": data})
    if bool(options["user"]) == options["as_root"]:
        raise click.UsageError("say who signs in: --user NAME or --root")
    profile = options["profile"]
    if not options["as_json"]:
        _check_profile(settings, profile)
    where = running_endpoint(settings) if endpoint is None else Endpoint(endpoint, str(ca) if ca else None)
    who = (
        {"email": options["email"] or settings.root_email}
        if options["as_root"]
        else {"user": options["user"]}
    )
    request = who | _given(account=options["account"], durationSeconds=options["seconds"])
    try:
        answer = _signed_in(SignInServer(where), request, options["mfa_code"], options["from_stdin"])
    except SignInRefusedError as error:
        click.echo(f"masugata: {error}", err=True)
        return 1
    if options["as_json"]:
        click.echo(orjson.dumps(answer).decode())
        return 0
    session = answer["Credentials"]
    key = Credentials(session["AccessKeyId"], session["SecretAccessKey"])
    write_credentials(credentials_path(settings), profile, key, session["SessionToken"])
    click.echo(f"Signed in as {answer['Arn']} until {session['Expiration']}.")
    click.echo(f'eval "$(masugata env --profile {profile})"')
    return 0


def _signed_in(
    server: SignInServer, request: dict[str, Any], code: str | None, from_stdin: bool
) -> dict[str, Any]:
    """The answer to a request that is completed with what the server asks for, each thing once."""
    passwords = Passwords(from_stdin=from_stdin)
    request |= _given(password=passwords.present("Password"), mfaCode=code)
    while True:
        try:
            return server.ask(request)
        except SignInRefusedError as error:
            if error.code == "PasswordChangeRequired" and "newPassword" not in request:
                click.echo("The password must be changed.", err=True)
                request["newPassword"] = passwords.new("New password")
            elif error.code == "MultiFactorAuthRequired" and "mfaCode" not in request and not from_stdin:
                request["mfaCode"] = click.prompt("MFA code", err=True)
            else:
                raise


def _check_profile(settings: Settings, profile: str) -> None:
    """A session must not take the place of a key that is nowhere else."""
    path = credentials_path(settings)
    try:
        read_credentials(path, profile)
    except CredentialsError:
        return
    if read_session_token(path, profile) is None:
        raise MasugataError(
            f"the profile `{profile}` holds a long-term access key: name another one with --profile"
        )


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
