"""The keeper of an installation, by the URI of its seal."""

import os
from pathlib import Path

from masugata.keeper.errors import RootKeyError, RootKeyMissingError
from masugata.keeper.local_keeper import LocalKeeper
from masugata.keeper.ring import FIRST, ROOT_KEY_SIZE, RootKeyRing
from masugata.keeper.seals import default_seal, find_seal


def open_keeper(
    uri: str | None, *, create: bool, folder: Path | None = None, secret: bytes | None = None
) -> LocalKeeper:
    """The keeper under the seal at `uri`, in the data directory `folder`; open, unless it lacks a secret.

    Without a URI it is the one that the directory's files show. With `create`, missing root keys are made,
    durably; pass it only where nothing was sealed yet, because new ones open nothing old. Raises
    `RootKeyMissingError` without it, `WrongSecretError` for a secret that is not the right one, and
    `RootKeyError` for files that are damaged or that others can read.
    """
    keeper = closed_keeper(uri, create=create, folder=folder, secret=secret)
    if secret is not None or not keeper.needs_secret:
        keeper.unseal_root(secret or b"")
    return keeper


def closed_keeper(
    uri: str | None, *, create: bool, folder: Path | None = None, secret: bytes | None = None
) -> LocalKeeper:
    """As `open_keeper`, for whoever opens it afterwards; a `secret` is that of root keys that are made."""
    seal = find_seal(default_seal(folder or Path()) if uri is None else uri, folder or Path())
    if folder is None and seal.path is not None:
        folder = seal.path.parent
    if not seal.exists():
        if not create:
            raise RootKeyMissingError(
                f"the root key `{seal.path}` is missing; without it nothing that was sealed can be opened. "
                "put it back from the place where you keep it (it is not part of a backup)"
            )
        if seal.needs_secret and secret is None:
            raise RootKeyError(
                f"`{seal.uri}` needs a secret to begin with: start on a terminal, or name a file that "
                "holds it in MASUGATA_PASSPHRASE_FILE"
            )
        seal.create(RootKeyRing({FIRST: os.urandom(ROOT_KEY_SIZE)}), secret or b"")
    return LocalKeeper(seal, folder)
