"""The keeper's Unix socket: how it is bound, reached, and who is at its other end."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from masugata.keeper.errors import KeeperError
from masugata.keeper.framing import limit

_LONGEST_PATH: Final = 107  # bytes of sun_path in Linux, without its end
_BACKLOG: Final = 1024
_CREDENTIALS: Final = struct.Struct("3i")  # process, user, group


def bind(path: Path, mode: int = 0o600, group: int = -1) -> socket.socket:
    """A listening socket at a path where none is; nobody can connect before it has its mode and group."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as name:
            listener.bind(name)
        path.chmod(mode)
        if group != -1:
            os.chown(path, -1, group)
        listener.listen(_BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


def connect(path: Path, seconds: float) -> socket.socket:
    """A connection to the socket at a path; it, and sending to it, may take so long.

    Raises OSError, and `KeeperError` if a stranger answers: what is asked holds secrets.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        limit(connection, socket.SO_SNDTIMEO, seconds)
        with _short(path) as name:
            connection.connect(name)
        _check_answerer(path, connection)
    except BaseException:
        connection.close()
        raise
    return connection


def peer(connection: socket.socket) -> tuple[int, int]:
    """Process and user at the other end, as the system knows them; of a listener, those who bound it."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(credentials)
    return process, user


def _check_answerer(path: Path, connection: socket.socket) -> None:
    """Raise unless ourselves, root, or the owner of the socket's folder bound it: in /tmp anybody can."""
    _, user = peer(connection)
    if user not in (os.geteuid(), 0) and user != path.parent.stat().st_uid:
        raise KeeperError(
            f"what answers at `{path}` is of user {user}, who does not own `{path.parent}`: it is not asked. "
            "Give the keeper a folder of its own user"
        )


@contextmanager
def _short(path: Path) -> Iterator[bytes]:
    """The path, or where it is too long for a socket's name, a way through its folder's descriptor."""
    name = os.fsencode(path)
    if len(name) <= _LONGEST_PATH:
        yield name
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield b"/proc/self/fd/%d/%s" % (folder, os.fsencode(path.name))
    finally:
        os.close(folder)
