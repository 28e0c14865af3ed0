"""`up --organization`: what a file describes is there before the server answers anybody."""

import time
from collections.abc import Callable
from pathlib import Path

import click

from masugata.apply import InvalidFileError, Sessions, execute, load_description, plan_of
from masugata.cli._applying import keeper_of_keys, tell_problems
from masugata.client import Client, Keys
from masugata.gateway import Gateway
from masugata.server import First, credentials_path, read_credentials, utc_now
from masugata.settings import Settings


class _ToldToStop(Exception):  # noqa: N818  it is no error
    """A signal came while the organization was being made."""


def making(file: Path, settings: Settings) -> First | None:
    """What makes the organization while a server starts; None, and told why, if the file breaks rules."""
    try:
        description = load_description(file, settings.limits)
    except InvalidFileError as error:
        tell_problems(error)
        return None

    def make(gateway: Gateway, stopping: Callable[[], bool]) -> None:
        def go_on(what: str, count: int) -> None:
            del count
            if stopping():
                raise _ToldToStop(what)

        def wait(seconds: float) -> None:
            go_on("wait for an account", 0)
            time.sleep(seconds)

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
        try:
            execute(plan, sessions, state.names, keeper_of_keys(path), report=go_on, wait=wait)
        except _ToldToStop as told:
            click.echo(f"masugata: told to stop before: {told}; the next start goes on from there", err=True)

    return make
