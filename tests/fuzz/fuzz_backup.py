"""Fuzz target: no file makes the reader of backups raise anything but BackupError.

The first byte chooses whether the head's digest is made right, so that what stands behind it is reached.
"""

import contextlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.iam import USER, User
from masugata.server.backup import BackupError, open_backup, write_backup
from masugata.server.backup.header import SIZE, Part, _block
from masugata.server.backup.rows import read_part
from masugata.store import EventRow, LastUse, RecordRow, open_store

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FOLDER = Path(tempfile.mkdtemp())
FILE = FOLDER / "fuzzed"


def _seeds() -> tuple[bytes, ...]:
    store, file = open_store(None, ALL_KINDS), FOLDER / "made"
    user = User(name="a", id="AIDAA", create_date=NOON)
    store.submit(lambda t: t.put(USER, "111122223333", user)).result()
    store.touch("key", b"use")
    write_backup(store, open_keeper("ephemeral:", create=True), file, NOON, lambda _, __: None)
    made = file.read_bytes()
    lines = b"\n".join(made.split(b"\n")[:3]) + b"\n"
    return (b"\0" + made, b"\1" + lines + made[SIZE:], b"\2" + made[SIZE:])


SEEDS = _seeds()


def fuzz_one(data: bytes) -> None:
    """One input; any exception but BackupError is a finding."""
    choice, rest = data[:1], data[1:]
    if choice == b"\2":
        _fuzz_part(rest)
        return
    if choice == b"\1":
        *lines, parts = rest.split(b"\n", 3)
        with contextlib.suppress(BackupError):
            rest = _block(b"\n".join(lines) + b"\n") + parts
    FILE.write_bytes(rest)
    with contextlib.suppress(BackupError), open_backup(FILE) as backup:
        backup.check()


def _fuzz_part(packed: bytes) -> None:
    FILE.write_bytes(packed)
    for row in (RecordRow, EventRow, LastUse):
        part = Part("fuzzed", 1, len(packed), 1 << 20, "")
        with FILE.open("rb") as file, contextlib.suppress(BackupError):
            for _ in read_part(file, part, row, lambda _, __: None):
                pass
