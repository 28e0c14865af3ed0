"""Opening a database file, safely and in the mode that durability needs."""

import fcntl
import os
import sqlite3
import stat
from pathlib import Path

from masugata.store.errors import StoreIncompatibleError, StoreUnavailableError

APPLICATION_ID = 0x6D617375  # "masu", in the header of the file

_WAL_PATIENCE = 20  # milliseconds
_WAL_PAGES = (
    4000  # before the log goes into the file: each event changes pages that the next ones change again
)


def prepare_file(path: Path) -> None:
    """Make the file (0600) and its folder (0700) if they are missing; refuse what strangers can write.

    SQLite gives its -wal and -shm files the mode of the database, so the file is made first.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = path.parent.stat()
        if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
            raise StoreUnavailableError(f"anybody can write in `{path.parent}`; chmod it to 0700")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                raise StoreUnavailableError(f"`{path}` is not a regular file")
            if mode & 0o077:
                os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreUnavailableError(f"cannot open the database `{path}`: {error.strerror}") from error


def hold(path: Path, *, alone: bool = False) -> int:
    """A descriptor that says, until it is closed, that this process uses the database.

    Many may share it; `alone` is for who replaces the file. Raises `StoreUnavailableError` at once if
    that cannot be. The lock is on a file of its own, because the database's is exchanged.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path.with_name(f"{path.name}-lock"), flags, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        who = "a masugata uses it: stop it first" if alone else "it is just being replaced by another one"
        raise StoreUnavailableError(f"cannot open the database `{path}`: {who}") from error
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def connect(path: Path, busy_timeout: float, *, cached: int = 2) -> sqlite3.Connection:
    """A connection for any thread, without implicit transactions; raises `sqlite3.Error`.

    WAL with synchronous=FULL: a commit that returned survives a power cut, and readers never wait
    for the writer. What is deleted is overwritten. `busy_timeout` is how many seconds to wait for another
    process's commit, `cached` how many MiB of pages to keep in memory.
    """
    connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
    try:
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA cache_size = {-1024 * cached}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def empty_wal(connection: sqlite3.Connection) -> bool:
    """Bring everything into the database file and cut the log to nothing; False while somebody reads in it.

    The log holds pages as they were before something on them was deleted. Whoever reads for long, as a
    backup does, is not waited for: it is to be tried again.
    """
    patience: int = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute(f"PRAGMA busy_timeout = {_WAL_PATIENCE}")
    try:
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error:
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {patience}")
    return not busy


def _use_wal(connection: sqlite3.Connection) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise sqlite3.OperationalError(f"the file system does not allow WAL, only `{mode}`")


def check_application(connection: sqlite3.Connection) -> None:
    """Raise `StoreIncompatibleError` if the file is another program's database."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application != APPLICATION_ID and (application or tables):
        raise StoreIncompatibleError("the file is a database of another program")
