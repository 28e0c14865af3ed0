"""Putting a backup in the place of what a data directory holds."""

import os
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace as changed
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

from masugata.keeper import RootKeyMissingError, SealableKeeper
from masugata.records import ALL_KINDS
from masugata.server.backup.errors import BackupDamagedError, BackupError
from masugata.server.backup.header import Header
from masugata.server.backup.reading import Backup, open_backup
from masugata.server.backup.rows import Progress
from masugata.server.installation import keeper_of, seal_of
from masugata.settings import Settings
from masugata.store import StoreIncompatibleError, open_store
from masugata.store.sqlite import alone_with, replace_database, stored_revision

_LEFTOVERS = ".restore-"


class Restored(NamedTuple):
    """What was restored, and the folder with what was there before, if anything was."""

    header: Header
    aside: Path | None


def restore_backup(
    path: Path,
    settings: Settings,
    now: datetime,
    progress: Progress,
    *,
    replace: bool,
    unlock: Callable[[SealableKeeper], None] = lambda _: None,
) -> Restored:
    """Restore the backup in the file `path` into the data directory, whose root key must be there already.

    With `replace` an installation that is there goes aside, into a folder of its own. Nothing is touched
    before the new database is complete, checked and durable; from then on a crash leaves either. `unlock` may
    open a keeper that is sealed. Raises
    `BackupError`, `StoreUnavailableError` while a masugata uses the directory.
    """
    database = settings.data / "masugata.db"
    with open_backup(path) as backup:
        keeper = _keeper(settings, backup.header)
        unlock(keeper)
        backup.sealed.check_root_key(keeper)
        if settings.database is not None:
            _restore_shared(settings.database, backup, progress, replace=replace)
            return Restored(backup.header, None)
        _refuse_running(settings.data / "endpoint.json")
        with alone_with(database):
            there = database.exists() and database.stat().st_size > 0
            if there and not replace:
                raise BackupError(
                    f"`{settings.data}` holds an installation: name an empty --data, or say --replace, which "
                    "moves the old one aside"
                )
            for leftover in settings.data.glob(f"{_LEFTOVERS}*"):  # of a restore that was killed
                shutil.rmtree(leftover)
            aside = settings.data / f"replaced-{now:%Y%m%dT%H%M%S.%fZ}" if there else None
            with TemporaryDirectory(prefix=_LEFTOVERS, dir=settings.data) as folder:
                new = Path(folder) / database.name
                _fill(new, backup, stored_revision(database), progress)
                replace_database(database, new, aside)
        return Restored(backup.header, aside)


def _keeper(settings: Settings, header: Header) -> SealableKeeper:
    try:
        return keeper_of(settings, settings.keeper_socket, create=False)
    except RootKeyMissingError as error:
        raise BackupError(
            f"`{seal_of(settings).path}` is missing: first put the root key there that was kept beside the "
            f"backup (fingerprint {header.root_key}, which is in its file), with mode 0600"
        ) from error


def _refuse_running(file: Path) -> None:
    """A server that keeps everything in memory holds no database, but the credentials in the folder."""
    try:
        endpoint = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
        os.kill(endpoint["pid"], 0)  # who was killed has left the file, and another may have its port by now
        url = urlsplit(endpoint["url"])
        socket.create_connection((url.hostname or "", url.port or 0), timeout=5).close()
    except (OSError, ValueError, TypeError, AttributeError, KeyError, msgspec.DecodeError):
        return
    raise BackupError(f"a server answers at the address in `{file}`: stop it first")


def _restore_shared(url: str, backup: Backup, progress: Progress, *, replace: bool) -> None:
    """Fill an empty database that several nodes share; one that is not empty is for its administrator."""
    if replace:
        raise BackupError("--replace moves files aside: restore into a new, empty database instead")
    _fill(url, backup, 0, progress)


def _fill(place: Path | str, backup: Backup, old_revision: int, progress: Progress) -> None:
    """A database of its own; the revision goes on from whichever is ahead."""
    store = open_store(place, ALL_KINDS)
    try:
        content = backup.export(progress)
        try:
            store.import_(changed(content, revision=max(content.revision, old_revision)))
        except StoreIncompatibleError as error:
            raise BackupDamagedError(f"the backup cannot be restored: {error}") from error
        with store.export() as made:
            rows = tuple(sum(1 for _ in part) for part in (made.records, made.events, made.last_uses))
        if rows != tuple(part.rows for part in backup.header.parts):
            raise BackupError(f"the restored database has {rows} rows instead of {backup.header.rows}")
        if problems := store.check():
            raise BackupError(f"the restored database is damaged: {'; '.join(problems[:5])}")
    finally:
        store.close()
