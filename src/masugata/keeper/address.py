"""The keeper's Unix socket: how it is bound, reached, and who is at its other end."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

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
    """A connection to the socket at a path; it, and sending to it, may take so long. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        limit(connection, socket.SO_SNDTIMEO, seconds)
        with _short(path) as name:
            connection.connect(name)
    except BaseException:
        connection.close()
        raise
    return connection


def peer(connection: socket.socket) -> tuple[int, int]:
    """Process and user at the other end, as the system knows them; of a listener, those who bound it."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _ = _CREDENTIALS.unpack(credentials)
    return process, user


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
