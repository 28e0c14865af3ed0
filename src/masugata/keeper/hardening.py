"""What a process does to its memory before it reads a key."""

import ctypes
import os
import resource
import sys
import threading
from types import TracebackType
from typing import Final

_PR_GET_DUMPABLE: Final = 3
_PR_SET_DUMPABLE: Final = 4
_PR_CAPBSET_IPC_LOCK: Final = 14  # CAP_IPC_LOCK
_MCL_CURRENT: Final = 1
_MCL_FUTURE: Final = 2
_MCL_ONFAULT: Final = 4
_M_ARENA_MAX: Final = -8
_STACK_BYTES: Final = 1 << 20

_libc = ctypes.CDLL(None, use_errno=True)


def refuse_core_dumps() -> None:
    """Have the system write no core of this process; unlike `harden`, debuggers may still look."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def harden() -> None:
    """No core dumps, no debuggers but root's, no traceback with values, nothing in the swap space.

    Whether the last was permitted, `memory_locked` says: without privileges it takes an unlimited
    RLIMIT_MEMLOCK, for under a limit allocations would fail later.
    """
    refuse_core_dumps()
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    sys.excepthook = _tell_type
    threading.excepthook = lambda args: _tell_type(args.exc_type, None, None)
    threading.stack_size(_STACK_BYTES)
    if hasattr(_libc, "mallopt"):
        _libc.mallopt(_M_ARENA_MAX, 1)  # an arena for each thread would take more than all they hold
    _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
    if hard == resource.RLIM_INFINITY or _may_lock():
        # Pages are locked as they come into use: the rest of the libraries stays on the disk.
        _libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)


def memory_locked() -> bool:
    """Whether this process's memory stays out of the swap space."""
    return int(_status("VmLck").split()[0]) > 0


def dumpable() -> bool:
    """Whether cores of this process may be written, and others of its user may read its memory."""
    return bool(_libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0))


def close_all_but(kept: tuple[int, ...]) -> None:
    """Close every open file but the standard ones and these."""
    first = 3
    for descriptor in (*sorted(kept), os.sysconf("SC_OPEN_MAX")):
        os.closerange(first, descriptor)
        first = descriptor + 1


def _may_lock() -> bool:
    return bool(int(_status("CapEff"), 16) >> _PR_CAPBSET_IPC_LOCK & 1)


def _status(field: str) -> str:
    with open("/proc/self/status", encoding="ascii", errors="replace") as lines:  # noqa: PTH123  pathlib is slower to import
        for line in lines:
            name, _, value = line.partition(":")
            if name == field:
                return value.strip()
    return "0"


def _tell_type(kind: type[BaseException], _: BaseException | None, __: TracebackType | None) -> None:
    """An error's text may hold what it is about, so its type has to do."""
    sys.stderr.write(f"masugata: the keeper failed with {kind.__name__}\n")
