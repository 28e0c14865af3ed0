"""A keeper's process as the server sees it that starts it, and starts it again whenever it ends."""

import logging
import os
import re
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

import msgspec

from masugata.errors import MasugataError
from masugata.keeper.address import bind, connect
from masugata.keeper.errors import KeeperError
from masugata.keeper.process import Assignment, Note
from masugata.processes import describe, pause, spawn

_STEADY_SECONDS: Final = 60.0  # a keeper that lived so long did not die of its start
_LONGEST_PAUSE: Final = 1.0  # before it is started once more: requests wait for it
_END_SECONDS: Final = 10.0  # for it to end once nobody needs it, before it is killed
_LONGEST_LINE: Final = 65_536  # bytes
_NAME: Final = re.compile(r"keeper-([0-9]{1,10})-[0-9a-f]{8}\.sock")

_log = logging.getLogger("masugata.keeper")


class KeeperProcess:
    """The keeper of one server on a data directory, for the time of a `with` block.

    `address` is where it answers; `lifeline` is a file descriptor to hand on to whoever needs the keeper:
    it lives until all who hold that have ended. Raises `MasugataError` if it cannot be started.
    """

    def __init__(self, data: Path, seal: str | None, secret_file: Path | None, log_level: str) -> None:
        self._assignment = Assignment(
            seal, str(data.absolute()), str(secret_file.absolute()) if secret_file else None, log_level
        )
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        try:
            self.address = _new_address(data)
            self._listener = bind(self.address)
            self._end, self.lifeline = os.pipe()
            self._start()
        except OSError as error:
            raise MasugataError(f"cannot start the keeper in `{data}`: {error.strerror}") from error
        self._watcher = threading.Thread(target=self._watch, name="masugata-keeper", daemon=True)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with self._starting:
            os.close(self.lifeline)
        self._ended()
        self._watcher.join()
        self._listener.close()
        os.close(self._end)
        self.address.unlink(missing_ok=True)

    @property
    def pid(self) -> int:
        """The process's id, until there is another."""
        return self._process.pid

    def _start(self) -> None:
        self._talk, theirs = socket.socketpair()
        with theirs:
            descriptors = (self._listener.fileno(), self._end, theirs.fileno())
            self._process = spawn("masugata.keeper.process", descriptors)
        with suppress(OSError):  # if it is gone already, that will be seen
            self._talk.sendall(msgspec.json.encode(self._assignment) + b"\n")

    def _watch(self) -> None:
        """Hand on what the keeper has to say, and replace it when it ends, after a pause that grows."""
        failures = 0
        while True:
            began = monotonic()
            # Killed before it has read its assignment, it ends with a reset, not with the end of its notes.
            with self._talk, self._talk.makefile("rb") as notes, suppress(OSError):
                while line := notes.readline(_LONGEST_LINE):
                    _hand_on(line)
            status = self._ended()
            if self._stopping.is_set():
                return
            _log.error(
                "process %d ended by itself, with %s; requests wait for another", self.pid, describe(status)
            )
            failures = 1 if monotonic() - began > _STEADY_SECONDS else failures + 1
            while not self._replace(failures):
                if self._stopping.is_set():
                    return
                failures += 1

    def _replace(self, failures: int) -> bool:
        """Whether there is another one."""
        if self._stopping.wait(pause(failures, _LONGEST_PAUSE)):
            return False
        with self._starting:
            if self._stopping.is_set():
                return False
            try:
                self._start()
            except OSError as error:  # no more processes or files just now
                _log.error("no other can be started and will be tried again: %s", error.strerror)
                return False
        _log.warning("process %d takes its place", self.pid)
        return True

    def _ended(self) -> int:
        """Its exit status: it is gone or about to be."""
        try:
            return self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            _log.error("process %d does not end and is killed", self.pid)
            self._process.kill()
            return self._process.wait()


def running_keepers(data: Path) -> list[Path]:
    """The addresses of the keepers that servers on this data directory have started."""
    return [path for path, _ in _sockets(data / "run") if _is_answered(path)]


def make_private_folder(folder: Path) -> None:
    """The data directory, which nobody else may enter; raises `MasugataError`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise MasugataError(f"cannot make the data directory `{folder}`: {error.strerror}") from error


def _new_address(data: Path) -> Path:
    """A name that no other server takes; those of servers that were killed are removed."""
    make_private_folder(data)
    folder = data.absolute() / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    for path, pid in _sockets(folder):
        if not _lives(pid) and not _is_answered(path):
            path.unlink(missing_ok=True)
    return folder / f"keeper-{os.getpid()}-{os.urandom(4).hex()}.sock"


def _sockets(folder: Path) -> list[tuple[Path, int]]:
    try:
        found = [(path, _NAME.fullmatch(path.name)) for path in folder.iterdir()]
    except OSError:
        return []
    return [(path, int(name[1])) for path, name in found if name is not None]


def _is_answered(path: Path) -> bool:
    try:
        connect(path, _END_SECONDS).close()
    except (OSError, KeeperError):
        return False
    return True


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _hand_on(line: bytes) -> None:
    """Put what the keeper says into our log."""
    try:
        note = msgspec.json.decode(line, type=Note)
    except msgspec.MsgspecError:
        _log.error("the keeper says what cannot be understood")
        return
    _log.log(note.level, "%s", note.text)
