"""Notes that workers leave for the planner, in files: it keeps them in the store, which they have not."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

NOTES: Final = ".notes"


def write_notes(path: Path, notes: dict[str, bytes]) -> None:
    """Add notes to those that the planner has not read yet; raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.msgpack.encode(read_notes(path) | notes))
    os.replace(name, path)  # noqa: PTH105  # of mkstemp


def read_notes(path: Path) -> dict[str, bytes]:
    """The notes in a file; none from one that is missing or damaged."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=dict[str, bytes])
    except (OSError, msgspec.MsgspecError):
        return {}


def gather(folder: Path, keep: Callable[[str, bytes], None]) -> None:
    """Give all notes that workers have left, and remove them; raises OSError."""
    for path in folder.glob(f"*{NOTES}"):
        taken = path.with_suffix(".taken")
        path.replace(taken)
        for key, body in read_notes(taken).items():
            keep(key, body)
        taken.unlink()
