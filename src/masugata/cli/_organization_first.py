"""`up --organization`: what a file describes is there before the server answers anybody."""

from collections.abc import Callable
from pathlib import Path

from masugata.apply import InvalidFileError, Sessions, execute, load_description, plan_of
from masugata.cli._applying import keeper_of_keys, tell_problems
from masugata.client import Client, Keys
from masugata.gateway import Gateway
from masugata.server import credentials_path, read_credentials, utc_now
from masugata.settings import Settings


def making(file: Path, settings: Settings) -> Callable[[Gateway], None] | None:
    """What makes the organization while a server starts; None, and told why, if the file breaks rules."""
    try:
        description = load_description(file, settings.limits)
    except InvalidFileError as error:
        tell_problems(error)
        return None

    def make(gateway: Gateway) -> None:
        path = credentials_path(settings)
        keys = Keys(*read_credentials(path, "admin"))
        client = Client(
            lambda request: gateway.dispatch(request).result(),
            keys,
            clock=utc_now,
            host="localhost",
            region=settings.region,
        )
        sessions = Sessions(client, clock=utc_now)
        plan, state = plan_of(description, sessions)
        execute(plan, sessions, state.names, keeper_of_keys(path))

    return make
