"""A worker of the edge: one of several processes that serve the same listening sockets.

Started as `python -m masugata.edge.worker CONTROL COUNTERS LISTENER…`, inherited file descriptors; everything
else comes over the first (see `orders`).
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from contextlib import suppress

import uvloop

from masugata.edge import orders
from masugata.edge.counters import Counters
from masugata.edge.logs import configure_logging
from masugata.edge.serving import Serving
from masugata.edge.site import Edge
from masugata.errors import MasugataError

_STOP_SILENCE = 1  # seconds, before a stopping worker closes a connection that nobody uses

_log = logging.getLogger("masugata.edge")


def main() -> None:
    """Serve until the supervisor says stop, or is gone."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):  # the supervisor decides
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    line, newline, heard = _first_line(control)
    if not newline:  # the supervisor is gone already
        return
    assignment = orders.decode(line)
    configure_logging(assignment.settings.log_level, f" worker {assignment.number}")
    counts = Counters()
    with os.fdopen(int(sys.argv[2]), "r+b") as file:
        counts.share(file, assignment.row)
    listeners = [socket.socket(fileno=int(descriptor)) for descriptor in sys.argv[3:]]
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(Edge(assignment.settings, counts), listeners, control, heard))
    except (MasugataError, OSError) as error:
        with suppress(OSError):
            control.sendall(orders.FAILED + str(error).replace("\n", " ").encode() + b"\n")
        sys.exit(2)


def _first_line(control: socket.socket) -> tuple[bytes, bytes, bytes]:
    """The first line, its end, and what came behind it: an order to stop does not wait for us."""
    heard = b""
    while b"\n" not in heard and (piece := control.recv(65_536)):
        heard += piece
    return heard.partition(b"\n")


async def _serve(edge: Edge, listeners: list[socket.socket], control: socket.socket, heard: bytes) -> None:
    serving = Serving(edge, listeners)
    loop = asyncio.get_running_loop()
    control.setblocking(False)
    obeying = loop.create_task(_obey(serving, control, heard))
    loop.add_signal_handler(signal.SIGTERM, serving.end, _STOP_SILENCE)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())

    def ready() -> None:
        with suppress(OSError):
            control.send(orders.READY + b"\n")

    try:
        await serving.run(ready)
    finally:
        obeying.cancel()
    _log.info("stopped, process %d", os.getpid())


async def _obey(serving: Serving, control: socket.socket, heard: bytes) -> None:
    """Do what the supervisor says; its end is an order to stop."""
    loop = asyncio.get_running_loop()
    with suppress(ConnectionResetError):
        while True:
            *lines, heard = heard.split(b"\n")
            for line in lines:
                _do(serving, line + b"\n")
            if not (piece := await loop.sock_recv(control, 4096)):
                break
            heard += piece
    serving.end(_STOP_SILENCE)


def _do(serving: Serving, order: bytes) -> None:
    if order == orders.RETIRE:
        serving.end()
    elif order == orders.STOP_NOW:
        serving.end_now()
    elif order == orders.REOPEN:
        serving.reopen()
    else:
        serving.end(_STOP_SILENCE)


if __name__ == "__main__":
    main()
