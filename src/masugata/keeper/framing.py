"""Messages on a stream: four bytes of length, then as many bytes."""

import socket
import struct
from typing import Final

from masugata.keeper.errors import KeeperError

LONGEST: Final = (1 << 20) + (1 << 16)
"""Bytes of a message or an answer: what can be sealed at most, and what goes with it."""

_LENGTH_SIZE: Final = 4
_PIECE: Final = 1 << 14
_SECONDS: Final = struct.Struct("ll")  # timeval


def frame(*parts: bytes) -> bytes:
    """Bytes behind their length; raises `KeeperError` for more than `LONGEST`."""
    length = sum(map(len, parts))
    if length > LONGEST:
        raise KeeperError(f"{length} bytes are too long for the keeper")
    return b"".join((length.to_bytes(_LENGTH_SIZE, "big"), *parts))


def read_frame(connection: socket.socket, *, rest_seconds: float | None = None) -> bytes:
    """The next bytes without their length, empty at the end of the stream; raises OSError.

    One frame is waited for at a time, so more than it is no frame at all. Once it has begun, each piece of
    the rest must come within `rest_seconds`, if given.
    """
    received = connection.recv(_PIECE)
    end = _end(received)
    if len(received) == end or not received:  # nearly always
        return received[_LENGTH_SIZE:]
    if rest_seconds is not None:
        limit(connection, socket.SO_RCVTIMEO, rest_seconds)
    pieces = bytearray(received)
    while len(pieces) < end:
        piece = connection.recv(_PIECE)
        if not piece:
            raise ConnectionResetError("the stream ended inside a message")
        pieces += piece
        end = _end(pieces)
    if len(pieces) > end:
        raise ConnectionAbortedError("more than one message at once")
    if rest_seconds is not None:
        limit(connection, socket.SO_RCVTIMEO, 0.0)
    return bytes(memoryview(pieces)[_LENGTH_SIZE:])


def limit(connection: socket.socket, option: int, seconds: float) -> None:
    """Let receiving (`SO_RCVTIMEO`) or sending (`SO_SNDTIMEO`) fail after so long; 0 lifts the limit.

    The system does it without the two calls that a socket with Python's own time limit costs each time.
    """
    whole = int(seconds)
    connection.setsockopt(socket.SOL_SOCKET, option, _SECONDS.pack(whole, int((seconds - whole) * 1_000_000)))


def _end(received: bytes | bytearray) -> int:
    """Where the frame ends that begins so; raises OSError if it says that it is too long."""
    if len(received) < _LENGTH_SIZE:
        return _LENGTH_SIZE
    length = int.from_bytes(received[:_LENGTH_SIZE], "big")
    if length > LONGEST:
        raise ConnectionAbortedError("a message that is too long")
    return _LENGTH_SIZE + length
