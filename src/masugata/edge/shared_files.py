"""Files of fixed size that processes map, made once by whichever comes first."""

import mmap
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

Prepare = Callable[[mmap.mmap, int], object]
"""Makes the content of a new file, given its memory and its descriptor."""


def map_shared(path: Path, size: int, prepare: Prepare) -> tuple[mmap.mmap, int]:
    """The memory and the descriptor of a file, which is made and prepared if it is not there.

    Nobody sees it before it is ready. Raises OSError, also for a file of another size.
    """
    while True:
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            _make(path, size, prepare)
            continue
        if os.fstat(file).st_size != size:
            os.close(file)
            raise OSError(f"`{path}` is not a file of this version")
        return mmap.mmap(file, size), file


def _make(path: Path, size: int, prepare: Prepare) -> None:
    file, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        os.ftruncate(file, size)
        prepare(mmap.mmap(file, size), file)
        with suppress(FileExistsError):  # another was first: its file is the one
            os.link(name, path)
    finally:
        os.unlink(name)  # noqa: PTH108  # of mkstemp
        os.close(file)
