"""Bodies as they arrive: by their length, in chunks, or until the connection ends."""

import re
from typing import Final, Protocol

from masugata.edge.http.defects import BadMessageError
from masugata.edge.http.names import LINE_BYTES

_LONGEST_EXTENSION: Final = 256
_LONGEST_SIZE_LINE: Final = 15 + _LONGEST_EXTENSION
_LONGEST_TRAILERS: Final = 8192
# A chunk's size; extensions in their strict form, without spaces (RFC 9112, 7.1.1).
_SIZE = re.compile(
    rb"([0-9A-Fa-f]{1,15})"
    rb"(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|\"[\t !#-\[\]-~]*\"))?)*"
)
_PLAIN = re.compile(rb"([1-9A-Fa-f][0-9A-Fa-f]{0,5})\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}:[^\r\n]*")

NOTHING: Final = b""


class Body(Protocol):
    """Takes what the connection brings; `done` once the body has ended."""

    done: bool

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The payload in `data`, and what belongs no more to this message; raises `BadMessageError`."""


class LengthBody:
    """A body of a length known before."""

    __slots__ = ("done", "left")

    def __init__(self, length: int) -> None:
        self.left = length
        self.done = length == 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The payload, and what follows the body."""
        size = len(data)
        if size < self.left:
            self.left -= size
            return data, NOTHING
        left, self.left, self.done = self.left, 0, True
        return (data, NOTHING) if size == left else (data[:left], data[left:])


class EndlessBody:
    """A body that ends with its connection."""

    __slots__ = ("done",)

    def __init__(self) -> None:
        self.done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """All of it."""
        return data, NOTHING


class ChunkedBody:
    """A body in chunks; its extensions and trailers are read and dropped."""

    __slots__ = ("_held", "_left", "_trailers", "done")

    def __init__(self) -> None:
        self.done = False
        self._held = b""
        self._left = 0  # of the chunk and the line end behind it; 0 where a size comes next
        self._trailers = -1  # bytes of them; -1 before the last chunk

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """The payload, and what follows the body."""
        if self._held:
            data, self._held = self._held + data, NOTHING
        pieces: list[bytes] = []
        position, size = 0, len(data)
        while position < size:
            if self._trailers >= 0:
                position = self._trailer(data, position)
                if self.done:
                    return b"".join(pieces), data[position:]
            elif self._left:
                position = self._chunk(data, position, pieces)
            else:
                position = _whole_chunks(data, position, pieces)
                if position < size:
                    position = self._size_line(data, position)
            if position < 0:
                break
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), NOTHING

    def _chunk(self, data: bytes, position: int, pieces: list[bytes]) -> int:
        payload = self._left - 2
        if payload > 0:
            piece = data[position : position + payload]
            pieces.append(piece)
            self._left -= len(piece)
            return position + len(piece)
        if data[position] != (13 if payload == 0 else 10):
            raise BadMessageError("a chunk that is longer than its size")
        self._left -= 1
        return position + 1

    def _size_line(self, data: bytes, position: int) -> int:
        line, after = self._line(data, position, _LONGEST_SIZE_LINE, "a chunk extension that is too long")
        if line is None:
            return -1
        found = _SIZE.fullmatch(line)
        if found is None:
            raise BadMessageError("a chunk size that is no number, or a malformed extension")
        size = int(found[1], 16)
        if size:
            self._left = size + 2
        else:
            self._trailers = 0
        return after

    def _trailer(self, data: bytes, position: int) -> int:
        line, after = self._line(
            data, position, _LONGEST_TRAILERS - self._trailers, "trailers that are too long"
        )
        if line is None:
            return -1
        if not line:
            self.done = True
        elif not _TRAILER.fullmatch(line) or line.translate(None, LINE_BYTES):
            raise BadMessageError("a malformed trailer")
        self._trailers += after - position
        return after

    def _line(self, data: bytes, position: int, longest: int, defect: str) -> tuple[bytes | None, int]:
        """A line without its end and where the next begins; None, with the rest held, if it is not whole."""
        end = data.find(b"\n", position, position + longest + 2)
        if end < 0:
            rest = data[position:]
            if len(rest) >= longest + 2:
                raise BadMessageError(defect)
            if b"\r" in rest[:-1]:
                raise BadMessageError("a CR that ends no line of a chunk")
            self._held = rest
            return None, -1
        line = data[position : end - 1]
        if end == position or data[end - 1] != 13 or b"\r" in line:
            raise BadMessageError("a CR or LF that ends no line of a chunk")
        return line, end + 1


def _whole_chunks(data: bytes, position: int, pieces: list[bytes]) -> int:
    """Past the chunks that are there whole and without extensions: of a byte each they take no longer."""
    match, add = _PLAIN.match, pieces.append
    while found := match(data, position):
        first = found.end()
        end = first + int(found[1], 16)
        if data[end : end + 2] != b"\r\n":
            break
        add(data[first:end])
        position = end + 2
    return position
