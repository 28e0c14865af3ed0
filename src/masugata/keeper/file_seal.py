"""The root key in a file of its own.

The file is text, so that it can be printed and kept in a safe:

    masugata-root-key 1
    <64 hexadecimal digits>
    <16 hexadecimal digits: the fingerprint, which tells a damaged key from another one>
"""

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from masugata.keeper.errors import KeeperError, RootKeyError, RootKeyMissingError
from masugata.keeper.sealing import ROOT_KEY_SIZE, RootKeeper, fingerprint

_FORM = re.compile(rb"masugata-root-key 1\n([0-9a-f]{64})\n([0-9a-f]{16})\n")
_SIZE = 102  # bytes of the file, exactly


def open_keeper(uri: str, *, create: bool) -> RootKeeper:
    """The keeper of the root key at `uri`: `file:/path/root.key` or `ephemeral:`.

    With `create`, a missing key file is made, durably and readable by its owner alone; pass it
    only where nothing was sealed yet, because a new key opens nothing old. Raises
    `RootKeyMissingError` without it, and `RootKeyError` for a file that is damaged or that others
    can read.
    """
    scheme, _, rest = uri.partition(":")
    if scheme == "ephemeral" and not rest:
        return RootKeeper(os.urandom(ROOT_KEY_SIZE), "ephemeral:")
    if scheme != "file" or not rest:
        raise KeeperError(f"`{uri}` is not a seal; use `file:/path/root.key` or `ephemeral:`")
    path = Path(rest.removeprefix("//"))
    try:
        if create and not os.path.lexists(path):
            _create(path)
        return RootKeeper(_read(path), f"file:{path}")
    except OSError as error:
        raise RootKeyError(f"cannot use the root key `{path}`: {error.strerror}") from error


def _create(path: Path) -> None:
    """Make the key under another name first, so that a crash leaves no half of a key behind."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = os.urandom(ROOT_KEY_SIZE)
    text = f"masugata-root-key 1\n{root.hex()}\n{fingerprint(root)}\n".encode()
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):  # another process was first; its key is the one
            os.link(draft, path)
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise RootKeyMissingError(
            f"the root key `{path}` is missing; without it nothing that was sealed can be opened. "
            "put it back from the place where you keep it (it is not part of a backup)"
        ) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RootKeyError(f"the root key `{path}` is not a regular file")
        if status.st_mode & 0o077:
            raise RootKeyError(
                f"the root key `{path}` has mode {stat.S_IMODE(status.st_mode):04o}; others than its "
                "owner may have read it. chmod it to 0600 if you are sure that nobody did"
            )
        if status.st_uid not in (0, os.geteuid()):
            raise RootKeyError(f"the root key `{path}` belongs to another user")
        text = os.read(descriptor, _SIZE + 1)
    finally:
        os.close(descriptor)
    form = _FORM.fullmatch(text)
    if form is None:
        raise RootKeyError(f"`{path}` is not a root key that this program knows")
    root = bytes.fromhex(form[1].decode())
    if fingerprint(root) != form[2].decode():
        raise RootKeyError(f"the root key `{path}` is damaged; put it back from the place where you keep it")
    return root
