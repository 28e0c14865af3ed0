"""A lock that processes share, which the end of its holder frees, however it ended."""

import ctypes
import errno
import fcntl
import os
import platform
import threading
import time
from typing import Final, Protocol

LOCK_BYTES: Final = 64
"""Room for a `pthread_mutex_t` of any platform."""
_PAUSES: Final = (*[0.0] * 20, *[0.0001] * 200)


class Lock(Protocol):
    """Taken for microseconds, never while waiting for anything."""

    def attempt(self) -> bool:
        """Take it if it is free."""

    def release(self) -> None:
        """Give it back."""


class Patience:
    """Takes a lock, and waits for it within a bound.

    Its holder may have been stopped by a signal: then nobody waits for it twice, until it is free again.
    """

    __slots__ = ("_exhausted", "attempt", "release")

    def __init__(self, lock: Lock) -> None:
        self.attempt = lock.attempt
        self.release = lock.release
        self._exhausted = False

    def acquire(self) -> bool:
        """Whether it was taken."""
        return self.attempt() or self.wait()

    def wait(self) -> bool:
        """Whether it was taken, after a first attempt that failed."""
        if not self._exhausted:
            for seconds in _PAUSES:
                time.sleep(seconds)  # lets other threads run, too: one of them may have it
                if self.attempt():
                    return True
        self._exhausted = not self.attempt()
        return not self._exhausted


class RobustMutex:
    """A robust mutex of POSIX threads in shared memory: a fifth of the cost of a file lock, and fork-safe.

    Source: pthread_mutexattr_setrobust(3).
    """

    __slots__ = ("_address", "_consistent", "_keep", "_trylock", "_unlock")

    def __init__(self, memory: memoryview, *, fresh: bool) -> None:
        """Of `LOCK_BYTES` of memory; made there if it is `fresh`, before others see it."""
        # These calls never wait, so that it costs less to keep the interpreter's lock.
        library = ctypes.PyDLL(None)
        self._keep = (ctypes.c_char * LOCK_BYTES).from_buffer(memory)
        self._address = ctypes.c_void_p(ctypes.addressof(self._keep))
        self._trylock = library.pthread_mutex_trylock
        self._unlock = library.pthread_mutex_unlock
        self._consistent = library.pthread_mutex_consistent
        if fresh:
            attributes = ctypes.create_string_buffer(LOCK_BYTES)
            library.pthread_mutexattr_init(attributes)
            library.pthread_mutexattr_setpshared(attributes, 1)
            library.pthread_mutexattr_setrobust(attributes, 1)
            if failed := library.pthread_mutex_init(self._address, attributes):
                raise OSError(failed, os.strerror(failed))

    def attempt(self) -> bool:
        """Take it if it is free, or its holder is dead."""
        status: int = self._trylock(self._address)
        if status == errno.EOWNERDEAD:
            self._consistent(self._address)
            return True
        return status == 0

    def release(self) -> None:
        """Give it back."""
        self._unlock(self._address)


class FileLock:
    """The same by `flock`, for systems without robust mutexes. Not for use across a fork."""

    __slots__ = ("_file", "_threads")

    def __init__(self, file: int) -> None:
        """Of a file that this process has opened for itself."""
        self._file = file
        self._threads = threading.Lock()

    def attempt(self) -> bool:
        """Take it if it is free."""
        if not self._threads.acquire(blocking=False):
            return False
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._threads.release()
            return False
        return True

    def release(self) -> None:
        """Give it back."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


def make_lock(memory: memoryview, file: int, *, fresh: bool) -> Patience:
    """The best that there is here."""
    if platform.system() == "Linux":
        return Patience(RobustMutex(memory, fresh=fresh))
    return Patience(FileLock(file))
