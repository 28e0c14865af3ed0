"""Whose turn it is to commit, among the processes that share a database."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from masugata.store.errors import StoreUnavailableError

_POLL_SECONDS = 0.0003  # a small part of a commit


class Turn:
    """A fair lock between processes, which a process that dies gives back.

    SQLite lets whoever finds the database busy sleep and try again, up to a tenth of a second, while
    the one that has it takes it again and again. Here each waits in front of two locks: who has the
    second one commits, who has the first is the next. The one that committed has to queue behind it.
    """

    def __init__(self, database: Path, patience: float) -> None:
        self._patience = patience
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._files: list[int] = []
        try:
            for name in ("next", "turn"):
                self._files.append(os.open(f"{database}-{name}", flags, 0o600))
        except BaseException:
            self.close()
            raise

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Wait for the turn, and have it inside; raises `StoreUnavailableError` when patience ends."""
        following, turn = self._files
        deadline = time.monotonic() + self._patience
        _lock(following, deadline)
        try:
            _lock(turn, deadline)
        finally:
            fcntl.flock(following, fcntl.LOCK_UN)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the files back; a second call does nothing."""
        while self._files:
            os.close(self._files.pop())


def _lock(descriptor: int, deadline: float) -> None:
    # Not a lock that blocks: it could not be given up when its holder is stopped, or hangs.
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise StoreUnavailableError("another process does not finish its commit") from None
            time.sleep(_POLL_SECONDS)
        else:
            return
