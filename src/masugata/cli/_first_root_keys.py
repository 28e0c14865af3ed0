"""Root keys at the start of a server: made the first time, opened every time.

Both happen in processes of their own, which ask for a passphrase and end: this one goes on to parse requests.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import click

from masugata.keeper.child import KeeperProcess
from masugata.keeper.client import RemoteKeeper
from masugata.settings import Settings

_DESCRIPTOR: Final = re.compile(r"/dev/fd/([0-9]{1,9})")

# Most servers have their root keys in a file, and need little of this: what the rest takes is imported late.


def first_root_keys(settings: Settings, *, quiet: bool) -> None:
    """Make root keys under a passphrase or a token's key, if there are none, and print recovery shares."""
    if settings.seal is None or settings.seal.startswith("file:") or settings.keeper is not None:
        return
    from masugata.server.installation import is_new, seal_of  # noqa: PLC0415

    if not seal_of(settings).exists() and is_new(settings):
        _run(settings, ["init", "--data", str(settings.data), "--seal", settings.seal], quiet=quiet)


def lasting_file(settings: Settings) -> Path | None:
    """The file of the secret, for a keeper that is started again; None for what can be read once."""
    path = settings.passphrase_file
    return path if path is not None and path.is_file() and not path.is_relative_to("/dev") else None


def open_root_keys(settings: Settings, keeper: KeeperProcess | None) -> None:
    """Open what is sealed, with the file that the settings name, or with what somebody types now."""
    if settings.passphrase_file is None and not sys.stdin.isatty():
        return
    if is_sealed(settings, keeper):
        address = f"unix:{keeper.address}" if keeper else str(settings.keeper)
        _run(settings, ["unseal", "--keeper", address], quiet=True)


def is_sealed(settings: Settings, keeper: KeeperProcess | None) -> bool:
    """Whether the server's root keys are sealed now; False if there are none yet."""
    address = keeper.address if keeper else settings.keeper_socket
    if address is None:
        return False
    from masugata.keeper import RootKeyError  # noqa: PLC0415

    try:
        return RemoteKeeper(address).sealed
    except RootKeyError:  # whoever needs them will say what is wrong
        return False


def _run(settings: Settings, arguments: list[str], *, quiet: bool) -> None:
    command = [sys.executable, "-P", "-m", "masugata", "keys", *arguments]
    descriptors: tuple[int, ...] = ()
    if settings.passphrase_file is not None:
        command += ["--passphrase-file", str(settings.passphrase_file)]
        named = _DESCRIPTOR.fullmatch(str(settings.passphrase_file))
        descriptors = () if named is None else (int(named[1]),)
    output = subprocess.DEVNULL if quiet else None
    done = subprocess.run(  # noqa: S603  our own program
        command, stdout=output, pass_fds=descriptors, check=False
    )
    if done.returncode != 0:
        click.get_current_context().exit(2)
