"""Making a backup, and proving it before anybody relies on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from masugata import __version__
from masugata.keeper import Keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT
from masugata.server.backup.errors import BackupDamagedError, BackupError
from masugata.server.backup.header import SHOWN_ACCOUNTS, SIZE, Header, header_bytes
from masugata.server.backup.reading import is_backup, open_backup
from masugata.server.backup.rows import Progress, write_part
from masugata.server.credentials_file import sync_folder
from masugata.store import RecordRow, Store

_KINDS = {(kind.service, kind.name): kind.version for kind in ALL_KINDS}


def write_backup(
    store: Store, keeper: Keeper, target: Path, now: datetime, progress: Progress, *, replace: bool = False
) -> Header:
    """Write everything in `store` as of one moment to the file `target`; gives what its head says.

    The file appears under its name, readable by its owner alone, once it is durable and has been read
    back as a restore would read it. Raises `BackupError` if the database is damaged, for then its backup
    would be, and if `target` exists, unless it is a backup and may be replaced.
    """
    if problems := store.check():
        raise BackupError(f"the database is damaged, so no backup was made: {'; '.join(problems[:5])}")
    with _new_file(target, replace=replace) as (file, temporary):
        header = _write(store, keeper, file, now, progress)
        file.flush()
        os.fsync(file.fileno())
        _prove(temporary, header, keeper)
    return header


def _write(store: Store, keeper: Keeper, file: BinaryIO, now: datetime, progress: Progress) -> Header:
    seen = _Seen()
    file.write(b" " * SIZE)  # what a crash leaves is no backup
    with store.export() as export:
        header = Header(
            program=__version__,
            time=now,
            root_key=keeper.fingerprint,
            revision=export.revision,
            last_seq=export.last_seq,
            parts=(
                write_part(file, "records", seen.noting(export.records), progress),
                write_part(file, "events", export.events, progress),
                write_part(file, "last-uses", export.last_uses, progress),
            ),
            accounts=tuple(seen.accounts[:SHOWN_ACCOUNTS]),
            account_count=len(seen.accounts),
            kinds=seen.kinds,
        )
    file.seek(0)
    file.write(header_bytes(header, keeper))
    return header


class _Seen:
    """Which accounts and kinds of records went by."""

    def __init__(self) -> None:
        self.accounts: list[str] = []
        self.kinds: dict[str, int] = {}

    def noting(self, rows: Iterator[RecordRow]) -> Iterator[RecordRow]:
        for row in rows:
            if (row.service, row.kind) == (ACCOUNT.service, ACCOUNT.name):
                self.accounts.append(row.key)
            self.kinds[f"{row.service}/{row.kind}"] = _KINDS[row.service, row.kind]
            yield row


def _prove(path: Path, written: Header, keeper: Keeper) -> None:
    """Read a backup back as a restore would; raises `BackupDamagedError`."""
    with open_backup(path) as backup:
        if backup.header != written:
            raise BackupDamagedError("the backup does not read back as it was written")
        backup.sealed.check_root_key(keeper)
        backup.check()


@contextmanager
def _new_file(target: Path, *, replace: bool) -> Iterator[tuple[BinaryIO, Path]]:
    """A file that takes its name once the block ends well."""
    if not replace and os.path.lexists(target):
        raise BackupError(f"`{target}` exists already: name another file, or say --overwrite")
    if os.path.lexists(target) and not is_backup(target):
        raise BackupError(f"`{target}` is not a backup, so it is not overwritten: name another file")
    temporary = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BackupError(f"cannot write into `{target.parent}`: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, temporary
        temporary.replace(target)
    except OSError as error:
        raise BackupError(f"cannot write `{target}`: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)
