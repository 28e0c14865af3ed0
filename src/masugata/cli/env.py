"""`masugata env`: what to export so that AWS clients talk to masugata."""

import shlex
import socket
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.errors import MasugataError
from masugata.server import credentials_path, read_credentials, read_session_token
from masugata.settings import Settings

# What clients would prefer to the variables below.
_IN_THE_WAY = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)


@click.command(epilog='Example: eval "$(masugata env)"')
@data_option
@click.option("--profile", default="admin", show_default=True, help="Whose credentials.")
@json_option
def env(data: Path | None, profile: str, as_json: bool) -> None:
    """Print `export` lines: endpoint, credentials and Region."""
    settings = settings_from({"data": data})
    variables = _variables(settings, profile)
    if as_json:
        click.echo(orjson.dumps(variables).decode())
        return
    click.echo(f"unset {' '.join(_IN_THE_WAY)}")
    for name, value in variables.items():
        click.echo(f"export {name}={shlex.quote(value)}")


def _variables(settings: Settings, profile: str) -> dict[str, str]:
    endpoint = running_endpoint(settings)
    credentials = read_credentials(credentials_path(settings), profile)
    token = read_session_token(credentials_path(settings), profile)
    variables = {
        "AWS_ENDPOINT_URL": endpoint.url,
        "AWS_ACCESS_KEY_ID": credentials.access_key_id,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
        **({} if token is None else {"AWS_SESSION_TOKEN": token}),
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_REGION": settings.region,
    }
    if endpoint.authority:
        variables["AWS_CA_BUNDLE"] = endpoint.authority
    return variables


class Endpoint(msgspec.Struct):
    """What `masugata up` leaves in `endpoint.json`."""

    url: str
    authority: str | None = None


def running_endpoint(settings: Settings) -> Endpoint:
    """Where the server of this data directory answers; raises `MasugataError` if none does."""
    file = settings.data / "endpoint.json"
    try:
        endpoint = msgspec.json.decode(file.read_bytes(), type=Endpoint)
    except FileNotFoundError as error:
        raise MasugataError(
            f"no server runs with the data directory `{settings.data}`: run `masugata up` first, "
            "or name its directory with --data (after `up --ephemeral`: .masugata-ephemeral)"
        ) from error
    except msgspec.MsgspecError as error:
        raise MasugataError(f"`{file}` is damaged: start the server again with `masugata up`") from error
    address = urlsplit(endpoint.url)
    try:
        socket.create_connection((address.hostname or "", address.port or 0), timeout=5).close()
    except OSError as error:
        raise MasugataError(
            f"no server answers at {endpoint.url}, which is in `{file}`: run `masugata up`"
        ) from error
    return endpoint
