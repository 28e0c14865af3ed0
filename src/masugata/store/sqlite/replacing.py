"""Putting one database file in the place of another."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from masugata.store.errors import StoreIncompatibleError
from masugata.store.sqlite.connection import hold
from masugata.store.sqlite.rows import meta


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keep everybody else from opening the database; raises `StoreUnavailableError` if one has it open."""
    descriptor = hold(path, alone=True)
    try:
        yield
    finally:
        os.close(descriptor)


def stored_revision(path: Path) -> int:
    """The revision of a database that nobody uses; 0 if there is none, or it cannot be read any more."""
    if not path.exists():
        return 0
    with suppress(sqlite3.Error, StoreIncompatibleError), closing(_open(path)) as connection:
        return meta(connection, "revision")
    return 0


def replace_database(path: Path, new: Path, aside: Path | None) -> None:
    """Put the closed database `new` at `path`; what was there goes into the new folder `aside`.

    The caller is `alone_with(path)`. A crash leaves the old database or the new one at `path`, never
    none and never a mixture: the old one's log is folded into its file before it goes, for SQLite
    would apply it to the new file.
    """
    _fold_log(path)
    log_files = [path.with_name(f"{path.name}{suffix}") for suffix in ("-wal", "-shm")]
    if aside is not None:
        aside.mkdir(mode=0o700)
        for file in (path, *log_files):
            if file.exists():
                _keep(file, aside / file.name)
        _sync(aside)
        _sync(path.parent)
    for file in log_files:
        file.unlink(missing_ok=True)
    _sync(path.parent)
    new.replace(path)
    _sync(path.parent)


def _fold_log(path: Path) -> None:
    """A database that is damaged may not let us; then its log only goes aside with it."""
    with suppress(sqlite3.Error), closing(_open(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _keep(file: Path, copy: Path) -> None:
    try:
        os.link(file, copy)
    except OSError:  # a file system without hard links
        shutil.copyfile(file, copy)
        copy.chmod(0o600)
        with copy.open("rb") as copied:
            os.fsync(copied.fileno())


def _sync(folder: Path) -> None:
    """Make what was created, renamed or removed in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
