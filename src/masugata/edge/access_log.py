"""One line of JSON for each request, where an operator asks for it."""

import os
import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from masugata.edge.client import ClientConnection

_MOST_WAITING = 64  # lines that are written together


class AccessLog:
    """Lines in a file, which may be shared and rotated: each group of lines is one append."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lines: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode
        self._file = _opened(path)

    def write(self, client: "ClientConnection") -> None:
        """Note a request that has been answered."""
        request = client.request
        line = {
            "time": round(time.time(), 3),
            "site": client.site.settings.name,
            "client": client.source if request else client.origin.address,
            "status": client.status,
            "action": client.action,
            "method": _text(request.method) if request else None,
            "host": _text(request.host) if request else None,
            "target": _text(request.target) if request else None,
            "bytes_in": client.size,
        }
        self._lines.append(self._encode(line) + b"\n")
        if len(self._lines) >= _MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits; what no file takes is lost, for a request never waits for its line."""
        if self._lines:
            data = b"".join(self._lines)
            self._lines.clear()
            try:
                os.write(self._file, data)
            except OSError:
                return

    def reopen(self) -> None:
        """Go on in a new file of the same name."""
        self.flush()
        if self._path != "-":
            os.close(self._file)
            self._file = _opened(self._path)


def _text(data: bytes) -> str:
    """As it is, if it is text: what proxies ask about may be any bytes."""
    return data.decode("utf-8", "backslashreplace")


def _opened(path: str) -> int:
    return 2 if path == "-" else os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
