"""Reading a backup, after everything about it has been checked."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from masugata.records import ALL_KINDS
from masugata.server.backup.errors import BackupDamagedError, BackupError
from masugata.server.backup.header import MAGIC, SIZE, Header, SealedHeader, read_header
from masugata.server.backup.rows import Progress, check_part, read_part
from masugata.store import EventRow, Export, LastUse, RecordRow, StoreError, check_export


class Backup:
    """An open backup whose bytes are those that were written."""

    def __init__(self, file: BinaryIO, sealed: SealedHeader) -> None:
        self._file = file
        self.sealed = sealed

    @property
    def header(self) -> Header:
        """What the backup says of itself."""
        return self.sealed.header

    def check(self, progress: Progress = lambda _, __: None) -> None:
        """Raise what a restore would raise, `BackupDamagedError` above all."""
        try:
            check_export(self.export(progress), ALL_KINDS)
        except StoreError as error:
            raise BackupDamagedError(f"the backup cannot be restored: {error}") from error

    def export(self, progress: Progress) -> Export:
        """Its content, for `Store.import_`; reading it raises `BackupDamagedError`."""
        records, events, last_uses = self.header.parts
        self._file.seek(SIZE)
        return Export(
            revision=self.header.revision,
            last_seq=self.header.last_seq,
            # They are read one after the other, each from where the one before ended.
            records=read_part(self._file, records, RecordRow, progress),
            events=read_part(self._file, events, EventRow, progress),
            last_uses=read_part(self._file, last_uses, LastUse, progress),
        )


def is_backup(path: Path) -> bool:
    """Whether a file begins like a backup, or is empty."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            begin = file.read(len(MAGIC))
    except OSError:
        return False
    return begin in (b"", MAGIC)


@contextmanager
def open_backup(path: Path) -> Iterator[Backup]:
    """The backup in a file; raises `BackupError` unless it is whole and this program can read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise BackupError(f"cannot read `{path}`: {error.strerror}") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise BackupError(f"`{path}` is not a file")
    with os.fdopen(descriptor, "rb") as file:
        sealed = read_header(file.read(SIZE))
        if status.st_size != sealed.header.size:
            how = "cut off" if status.st_size < sealed.header.size else "longer than it says"
            raise BackupDamagedError(
                f"the backup is {how}: {status.st_size} bytes instead of {sealed.header.size}"
            )
        for part in sealed.header.parts:
            check_part(file, part)
        _check_kinds(sealed.header)
        yield Backup(file, sealed)


def _check_kinds(header: Header) -> None:
    known = {f"{kind.service}/{kind.name}": kind.version for kind in ALL_KINDS}
    for name, version in sorted(header.kinds.items()):
        if known.get(name) != version:
            raise BackupError(
                f"the backup holds `{name}` records of format version {version}, this program "
                f"reads {known.get(name, 'none')}; restore it with masugata {header.program}, which made it"
            )
