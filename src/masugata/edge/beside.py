"""An edge beside a server: a process of its own that ends with whoever started it.

Started as `python -m masugata.edge.beside SOCKET`, an inherited file descriptor. Its settings come over that,
as one line; it answers with a line once its sites are ready, or with why they are not. The end of the other
side is an order to stop.
"""

import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Self

import msgspec

from masugata.edge.settings import Address, EdgeSettings, EdgeSettingsError
from masugata.errors import MasugataError
from masugata.processes import spawn


class Beside:
    """An edge for the time of a `with`; raises `EdgeSettingsError` if it does not come up."""

    def __init__(self, settings: EdgeSettings) -> None:
        self._settings = settings

    def __enter__(self) -> Self:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = spawn("masugata.edge.beside", (theirs.fileno(),))
        self._socket.sendall(msgspec.json.encode(self._settings) + b"\n")
        with self._socket.makefile("rb") as answers:
            answer = answers.readline()
        if not answer.startswith(b"{"):
            self.__exit__()
            raise EdgeSettingsError(
                f"the edge did not start: {answer.decode().strip() or 'it ended at once'}"
            )
        self.sites: dict[str, Address] = msgspec.json.decode(answer, type=dict[str, Address])
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._process.wait()


def main() -> None:
    """Be the edge, until the other side ends."""
    from masugata.edge.logs import configure_logging  # noqa: PLC0415
    from masugata.edge.supervisor import Supervisor  # noqa: PLC0415  # who starts us loads none of this

    with socket.socket(fileno=int(sys.argv[1])) as other:
        with other.makefile("rb") as lines:
            line = lines.readline()
        if not line:
            return
        settings = msgspec.json.decode(line, type=EdgeSettings)
        configure_logging(settings.log_level)

        def ready(sites: dict[str, Address]) -> None:
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            threading.Thread(target=_stop_at_end_of, args=(other,), daemon=True).start()
            with suppress(OSError):
                other.sendall(msgspec.json.encode(sites) + b"\n")

        try:
            Supervisor(settings, ready).run()
        except MasugataError as error:
            with suppress(OSError):
                other.sendall(str(error).encode() + b"\n")
            sys.exit(2)


def _stop_at_end_of(other: socket.socket) -> None:
    with suppress(OSError):
        other.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
