"""What `apply`, `export` and `up --organization` have in common."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
import orjson

from masugata.apply import InvalidFileError, Plan, Sessions
from masugata.cli._options import data_option, settings_from
from masugata.cli.env import Endpoint, running_endpoint
from masugata.client import Client, HttpTransport, Keys
from masugata.records.organizations import ACCESS_ROLE
from masugata.server import (
    Credentials,
    CredentialsError,
    credentials_path,
    read_credentials,
    read_session_token,
    utc_now,
    write_credentials,
)

Command = TypeVar("Command", bound=Callable[..., Any])

_MARKS = {"create": "+", "attach": "+", "enable": "+", "add": "+", "register": "+", "put": "+"}
_MARKS |= {"delete": "-", "detach": "-", "disable": "-", "remove": "-", "deregister": "-", "untag": "-"}


class Where(NamedTuple):
    """The options of `server_options`."""

    data: Path | None
    endpoint: str | None
    ca: Path | None
    credentials: Path | None
    profile: str
    role: str


def server_options(command: Command) -> Command:
    """The options that say which server, and as whom; named like the fields of `Where`."""
    for option in (
        click.option(
            "--role",
            default=ACCESS_ROLE,
            show_default=True,
            help="The role to administer other accounts by.",
        ),
        click.option(
            "--profile",
            default="admin",
            show_default=True,
            help="An administrator of the management account, in the credentials file.",
        ),
        click.option(
            "--credentials",
            type=click.Path(dir_okay=False, path_type=Path),
            help="The credentials file. [default: the one of --data]",
        ),
        click.option(
            "--ca", type=click.Path(dir_okay=False, path_type=Path), help="Whom its certificate is from."
        ),
        click.option("--endpoint", metavar="URL", help="A server elsewhere. [default: the one of --data]"),
        data_option,
    ):
        command = option(command)
    return command


class Connected(NamedTuple):
    """A server that answers, and where new keys go."""

    sessions: Sessions
    credentials: Path


@contextmanager
def connected(where: Where) -> Iterator[Connected]:
    """Find the server and the administrator's key; raises `MasugataError`."""
    settings = settings_from({"data": where.data})
    endpoint = (
        running_endpoint(settings)
        if where.endpoint is None
        else Endpoint(where.endpoint, str(where.ca) if where.ca else None)
    )
    path = where.credentials or credentials_path(settings)
    keys = Keys(*read_credentials(path, where.profile), read_session_token(path, where.profile))
    transport = HttpTransport(endpoint.url, endpoint.authority)
    client = Client(transport, keys, clock=utc_now, host=transport.host, region=settings.region)
    try:
        yield Connected(Sessions(client, clock=utc_now, role=where.role), path)
    finally:
        transport.close()


def keeper_of_keys(path: Path) -> Callable[[str, str, Keys, Collection[str]], None]:
    """Writes new access keys to a credentials file, each as the profile `ACCOUNT.USER`."""

    def keep(account: str, user: str, keys: Keys, others: Collection[str]) -> None:
        base = f"{account}.{user}"
        profile = next(
            name for name in (base, *(f"{base}.{n}" for n in range(2, 99))) if _free(path, name, others)
        )
        write_credentials(path, profile, Credentials(keys.access_key_id, keys.secret_access_key))

    return keep


def _free(path: Path, profile: str, others: Collection[str]) -> bool:
    """Whether a profile is not there, or is a key that no longer is."""
    try:
        return not path.exists() or read_credentials(path, profile).access_key_id not in others
    except CredentialsError:
        return True


def tell_problems(error: InvalidFileError, *, as_json: bool = False) -> None:
    """All that a file breaks, one line each."""
    if as_json:
        problems = [{**problem.place._asdict(), "rule": problem.rule} for problem in error.problems]
        click.echo(orjson.dumps({"problems": problems}).decode())
    else:
        click.echo(str(error), err=True)


def plan_text(plan: Plan) -> str:
    """A plan for people."""
    lines = []
    for change in plan.changes:
        lines.append(f"{_MARKS.get(change.action, '~')} {change.action} {change.what}")
        lines += [f"      {detail}" for detail in change.details]
    removable = [leftover for leftover in plan.leftovers if leftover.removal]
    kept = [leftover for leftover in plan.leftovers if not leftover.removal]
    if removable:
        lines.append("Not in the file, and left alone (--prune removes it):")
        lines += [f"  {leftover.what}" for leftover in removable]
    if kept:
        lines.append("Not in the file, and never removed:")
        lines += [f"  {leftover.what}: {leftover.why}" for leftover in kept]
    return "\n".join(lines)


def plan_dict(plan: Plan) -> dict[str, Any]:
    """A plan for programs."""
    return {
        "changes": [change.to_dict() for change in plan.changes],
        "leftAlone": [
            {"what": leftover.what, "account": leftover.account, "removable": bool(leftover.removal)}
            for leftover in plan.leftovers
        ],
    }
