"""Compiled patterns on the disk: what takes a second or two once takes milliseconds at the next start.

What is read here is run by Hyperscan as a program is, so the folder belongs to whoever runs this, and nobody
else may write there; otherwise nothing is read from it and nothing put.
"""

import contextlib
import os
import stat
import tempfile
from hashlib import sha256
from pathlib import Path

FOLDER_MODE = 0o700
LARGEST = 64 * 1024 * 1024
MOST_BYTES = 512 * 1024 * 1024
"""More is not kept: what was not used for longest goes. The default rules take about 40 MB."""
_DIGEST = 32


def user_cache() -> Path:
    """The folder of the person who runs this, by the XDG Base Directory Specification."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return folder / "masugata" / "patterns"


class PatternCache:
    """A folder of compiled patterns; any number of processes may share it.

    An entry that is damaged, or whose file cannot be read, is as if it were not there.
    """

    def __init__(self, folder: Path) -> None:
        """The folder is made when something is put."""
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        """What was put under this key, or None."""
        try:
            if not self._is_ours():
                return None
            path = self._file(key)
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            os.utime(path)
        except OSError:
            return None
        digest, value = content[:_DIGEST], content[_DIGEST:]
        return value if digest == _digest(key, value) else None

    def put(self, key: str, value: bytes) -> None:
        """Keep it, if possible; whoever reads meanwhile reads all of it or nothing."""
        if len(value) + _DIGEST > LARGEST:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            if self._is_ours():
                self._write(key, value)
                self._forget_oldest()

    def _write(self, key: str, value: bytes) -> None:
        descriptor, name = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_digest(key, value) + value)
            Path(name).replace(self._file(key))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _is_ours(self) -> bool:
        found = self._folder.lstat()
        others = stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH)
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not others

    def _file(self, key: str) -> Path:
        return self._folder / sha256(key.encode()).hexdigest()

    def _forget_oldest(self) -> None:
        found = [(file.stat(), file) for file in self._folder.iterdir()]
        found.sort(key=lambda each: each[0].st_mtime_ns, reverse=True)
        total = 0
        for status, file in found:
            total += status.st_size
            if total > MOST_BYTES:
                file.unlink(missing_ok=True)


def _digest(key: str, value: bytes) -> bytes:
    return sha256(key.encode() + b"\n" + value).digest()
