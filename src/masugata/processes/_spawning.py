"""Starting another process of this program, and saying how one ended."""

import os
import signal
import subprocess
import sys


def spawn(module: str, descriptors: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """Start `python -m module DESCRIPTORS…`, which inherits these open files and no others.

    Nothing secret is in its arguments or environment. SIGINT, SIGTERM and SIGHUP are blocked until it has
    handlers for them: one that is sent to the whole group comes at any moment. Raises OSError.
    """
    # -P: no module from the working directory, where `-m` would look first.
    command = [sys.executable, "-P", "-m", module, *map(str, descriptors)]
    environment = {name: value for name, value in os.environ.items() if not _is_ours(name)}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        return subprocess.Popen(  # noqa: S603
            command, pass_fds=descriptors, env=environment, stdin=subprocess.DEVNULL
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def describe(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def pause(failures: int, longest: float) -> float:
    """Seconds to wait after so many failures in a row: none, 0.1, 0.2, 0.4 and so on."""
    return 0.0 if failures < 2 else min(0.1 * 2.0 ** min(failures - 2, 10), longest)


def _is_ours(name: str) -> bool:
    """Whether a variable is for the first process alone: settings (secrets among them), and systemd's."""
    return name.startswith("MASUGATA_") or name in ("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID")
