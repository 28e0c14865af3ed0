"""Reaching whoever holds the root keys, and asking for the secrets that open them."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import click

from masugata.errors import MasugataError
from masugata.keeper import SealableKeeper, TooManyAttemptsError, WrongSecretError, open_keeper
from masugata.keeper.child import running_keepers
from masugata.keeper.client import RemoteKeeper
from masugata.keeper.secret_file import normal_secret, read_secret
from masugata.settings import Settings


class Reached(NamedTuple):
    """Whoever holds the root keys; `running` says whether a server or a keeper does, and not this process."""

    keeper: SealableKeeper
    running: bool


def reach(settings: Settings) -> Reached:
    """The keeper that runs for a data directory, or else its root keys in this process."""
    if settings.ephemeral:
        raise MasugataError("an ephemeral server keeps its root keys to itself")
    if settings.keeper_socket is not None:
        return Reached(RemoteKeeper(settings.keeper_socket), running=True)
    running = running_keepers(settings.data)
    if len(running) > 1:
        raise MasugataError(
            f"{len(running)} servers use `{settings.data}`, each with a keeper: stop all but one"
        )
    if running:
        return Reached(RemoteKeeper(running[0]), running=True)
    folder = settings.data.absolute()
    return Reached(open_keeper(settings.seal, create=False, folder=folder), running=False)


def secret(settings: Settings, prompt: str) -> bytes:
    """The secret of the seal: from the file that the settings name, or typed on a terminal."""
    if settings.passphrase_file is not None:
        return read_secret(settings.passphrase_file)
    if not sys.stdin.isatty():
        raise MasugataError(
            "there is no terminal to ask for the passphrase: name a file in MASUGATA_PASSPHRASE_FILE"
        )
    return normal_secret(click.prompt(prompt, hide_input=True, err=True).encode())


def new_secret(settings: Settings, prompt: str) -> bytes:
    """As `secret`, for one that does not exist yet; a person types it twice."""
    if settings.passphrase_file is not None or not sys.stdin.isatty():
        return secret(settings, prompt)
    return normal_secret(click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True).encode())


def proof(keeper: SealableKeeper, settings: Settings) -> bytes:
    """What proves that one may change the root keys: the secret of their seal, if it has one."""
    return secret(settings, "Passphrase") if keeper.status().needs_secret else b""


def unlock(keeper: SealableKeeper, settings: Settings) -> None:
    """Open the root keys if they are closed; a person may try three times."""
    for attempts_left in (2, 1, 0):
        if not keeper.sealed:
            return
        given = secret(settings, "Passphrase") if keeper.status().needs_secret else b""
        try:
            keeper.unseal_root(given)
        except TooManyAttemptsError:
            raise
        except WrongSecretError as error:
            if not attempts_left or settings.passphrase_file is not None:
                raise
            click.echo(f"masugata: {error}", err=True)


def unlocking(settings: Settings) -> Callable[[SealableKeeper], None]:
    """`unlock` under these settings."""
    return lambda keeper: unlock(keeper, settings)
