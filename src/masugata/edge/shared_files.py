"""Files of fixed size that processes map, made once by whichever comes first."""

import mmap
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # nothing in it has a name that others can foresee
_ROOM: Final = 256 << 20

Prepare = Callable[[mmap.mmap, int], object]
"""Makes the content of a new file, given its memory and its descriptor."""


@contextmanager
def run_directory() -> Iterator[Path]:
    """A directory of its owner alone for what the processes of a run share, in memory if possible."""
    place = _IN_MEMORY if _is_roomy(_IN_MEMORY) else None
    path = Path(tempfile.mkdtemp(prefix="masugata-edge-", dir=place))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


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


def _is_roomy(directory: Path) -> bool:
    """Whether it may be used, and has room; containers often have 64 MiB."""
    if not os.access(directory, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize >= _ROOM


def _allocate(file: int, size: int) -> None:
    """Have the room now: whoever writes to memory for which there is none is killed."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.ftruncate(file, size)


def _make(path: Path, size: int, prepare: Prepare) -> None:
    file, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        _allocate(file, size)
        prepare(mmap.mmap(file, size), file)
        with suppress(FileExistsError):  # another was first: its file is the one
            os.link(name, path)
    finally:
        os.unlink(name)  # noqa: PTH108  # of mkstemp
        os.close(file)
