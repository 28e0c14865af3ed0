"""`masugata keeper`: the keeper as a service of its own."""

import logging
import os
import pwd
import signal
import sys
from contextlib import suppress
from pathlib import Path

import click

from masugata.cli._options import data_option, settings_from
from masugata.errors import MasugataError
from masugata.keeper import address, hardening
from masugata.keeper.answering import Holder
from masugata.keeper.process import serve


@click.command(
    epilog="Example: masugata keeper --socket /run/masugata-keeper/keeper.sock --allow-user masugata"
)
@data_option
@click.option(
    "--socket",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to answer; a socket that a killed keeper left there is replaced.",
)
@click.option("--allow-user", "name", metavar="NAME", help="User, beside this one and root, who may ask.")
def keeper(data: Path | None, path: Path, name: str | None) -> None:
    """Hold the root key for servers of another user, in the foreground.

    The data directory holds the root key alone; it is made when a server of a new installation asks for it.
    """
    hardening.close_all_but(())
    hardening.harden()
    settings = settings_from({"data": data})
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if not hardening.memory_locked():
        logging.getLogger("masugata.keeper").warning(
            "memory is not locked and may be swapped: set LimitMEMLOCK=infinity"
        )
    user = _user(name)
    _remove_leftover(path)
    mode, group = (0o600, -1) if user is None else (0o660, user.pw_gid)
    holder = Holder(settings.seal, settings.data.absolute(), settings.passphrase_file)
    try:
        listener = address.bind(path, mode, group)
    except PermissionError as error:
        raise MasugataError(
            f"cannot make the socket `{path}` for the user `{name}`: run as a member of that user's group, "
            "and where this user may write"
        ) from error
    except OSError as error:
        raise MasugataError(f"cannot make the socket `{path}`: {error.strerror}") from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    holder.try_to_open()
    try:
        serve(listener, holder, frozenset((0, os.geteuid(), *(() if user is None else (user.pw_uid,)))))
    finally:
        with suppress(OSError):
            path.unlink()


def _user(name: str | None) -> pwd.struct_passwd | None:
    if name is None:
        return None
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise click.UsageError(f"there is no user `{name}`") from None


def _remove_leftover(path: Path) -> None:
    """Make room for a socket, unless somebody answers there or it is something else."""
    with suppress(FileNotFoundError):
        if not path.is_socket():
            if path.exists():
                raise MasugataError(f"`{path}` is not a socket")
            return
        try:
            address.connect(path, 1.0).close()
        except ConnectionRefusedError:
            path.unlink()
            return
        raise MasugataError(f"a keeper answers at `{path}` already")
