"""Files that hold root keys: readable by their owner alone, and whole or not there at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from masugata.keeper.errors import RootKeyError, RootKeyMissingError


def read_privately(path: Path, limit: int) -> bytes:
    """The content of a file of root keys, at most `limit` bytes and one; it must be a file of our own.

    Raises `RootKeyMissingError`, and `RootKeyError` for what others can read or belongs to them.
    """
    with _named(path):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise RootKeyMissingError(
                f"the root key `{path}` is missing; without it nothing that was sealed can be opened. "
                "put it back from the place where you keep it (it is not part of a backup)"
            ) from None
        try:
            _check(path, os.fstat(descriptor))
            return os.read(descriptor, limit + 1)
        finally:
            os.close(descriptor)


def _check(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise RootKeyError(f"the root key `{path}` is not a regular file")
    if status.st_mode & 0o077:
        raise RootKeyError(
            f"the root key `{path}` has mode {stat.S_IMODE(status.st_mode):04o}; others than its "
            "owner may have read it. chmod it to 0600 if you are sure that nobody did"
        )
    if status.st_uid not in (0, os.geteuid()):
        raise RootKeyError(f"the root key `{path}` belongs to another user")


def write_new(path: Path, content: bytes) -> None:
    """Make a file, durably; if there is one already, another process was first, and its file stays."""
    with _named(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _draft(path, content)
        try:
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
        _sync(path.parent)


def write_over(path: Path, content: bytes) -> None:
    """Make a file, durably, in the place of any: a crash leaves the old one or the new one."""
    with _named(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _draft(path, content)
        try:
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync(path.parent)


def remove(path: Path) -> None:
    """Remove a file, durably, if it is there."""
    with _named(path):
        path.unlink(missing_ok=True)
        _sync(path.parent)


def keep_aside(path: Path, suffix: str) -> Path | None:
    """Give a file a second name beside its own, durably; None if there is none."""
    aside = path.with_name(f"{path.name}.{suffix}")
    with _named(path):
        try:
            os.link(path, aside, follow_symlinks=False)
        except FileNotFoundError:
            return None
        _sync(path.parent)
    return aside


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o600)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        draft.unlink()
        raise
    return draft


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say which file it was that could not be used."""
    try:
        yield
    except OSError as error:
        raise RootKeyError(f"cannot use the root key `{path}`: {error.strerror}") from error
