"""Messages on a stream: four bytes of length, then as many bytes."""

import socket
import struct
from typing import Final

from masugata.keeper.errors import KeeperError

LONGEST: Final = (1 << 20) + (1 << 16)
"""Bytes of a message or an answer: what can be sealed at most, and what goes with it."""

PIECE: Final = 1 << 16
"""Bytes that are received at once."""

_LENGTH_SIZE: Final = 4
_SECONDS: Final = struct.Struct("ll")  # timeval


def frame(*parts: bytes) -> bytes:
    """Bytes behind their length; raises `KeeperError` for more than `LONGEST`."""
    length = sum(map(len, parts))
    if length > LONGEST:
        raise KeeperError(f"{length} bytes are too long for the keeper")
    return b"".join((length.to_bytes(_LENGTH_SIZE, "big"), *parts))


class Unframed:
    """What has come of a stream, taken apart into frames."""

    def __init__(self) -> None:
        self._rest = bytearray()

    @property
    def begun(self) -> bool:
        """Whether the rest of a frame has to come."""
        return bool(self._rest)

    def take(self, received: bytes) -> list[bytes]:
        """The frames that are whole with it, without their lengths; raises OSError for what is none."""
        rest, start, frames = self._rest, 0, []
        rest += received
        while len(rest) - start >= _LENGTH_SIZE:
            begin = start + _LENGTH_SIZE
            length = int.from_bytes(rest[start:begin], "big")
            if not 0 < length <= LONGEST:
                raise ConnectionAbortedError("a message that is empty or too long")
            if len(rest) < begin + length:
                break
            start = begin + length
            frames.append(bytes(rest[begin:start]))
        del rest[:start]
        return frames


def read_frames(connection: socket.socket, unframed: Unframed, rest_seconds: float) -> list[bytes]:
    """All frames that have come whole, at least one; none at the end of the stream. Raises OSError.

    Once a frame has begun, each piece of the rest must come within `rest_seconds`.
    """
    limited = unframed.begun
    if limited:
        limit(connection, socket.SO_RCVTIMEO, rest_seconds)
    while received := connection.recv(PIECE):
        if frames := unframed.take(received):
            if limited:
                limit(connection, socket.SO_RCVTIMEO, 0.0)
            return frames
        if not limited:
            limit(connection, socket.SO_RCVTIMEO, rest_seconds)
            limited = True
    if unframed.begun:
        raise ConnectionResetError("the stream ended inside a message")
    return []


def read_frame(connection: socket.socket) -> bytes:
    """The next frame without its length, empty at the end of the stream; raises OSError.

    One is waited for at a time, so more than it is no frame at all.
    """
    unframed = Unframed()
    while received := connection.recv(PIECE):
        if frames := unframed.take(received):
            if len(frames) > 1 or unframed.begun:
                raise ConnectionAbortedError("more than one message at once")
            return frames[0]
    if unframed.begun:
        raise ConnectionResetError("the stream ended inside a message")
    return b""


def limit(connection: socket.socket, option: int, seconds: float) -> None:
    """Let receiving (`SO_RCVTIMEO`) or sending (`SO_SNDTIMEO`) fail after so long; 0 lifts the limit.

    The system does it without the two calls that a socket with Python's own time limit costs each time.
    """
    whole = int(seconds)
    connection.setsockopt(socket.SOL_SOCKET, option, _SECONDS.pack(whole, int((seconds - whole) * 1_000_000)))
