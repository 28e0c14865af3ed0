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
from masugata.edge.serving import Serving
from masugata.edge.site import Edge
from masugata.errors import MasugataError

_log = logging.getLogger("masugata.edge")


def main() -> None:
    """Serve until the supervisor says stop, or is gone."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):  # the supervisor decides
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    with control.makefile("rb") as lines:
        line = lines.readline()
        if not line:  # the supervisor is gone already
            return
        assignment = orders.decode(line)
        configure_logging(assignment.settings.log_level, f" worker {assignment.number}")
        counts = Counters()
        with os.fdopen(int(sys.argv[2]), "r+b") as file:
            counts.share(file, assignment.row)
        listeners = [socket.socket(fileno=int(descriptor)) for descriptor in sys.argv[3:]]
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_serve(Edge(assignment.settings, counts), listeners, control))
        except (MasugataError, OSError) as error:
            with suppress(OSError):
                control.sendall(orders.FAILED + str(error).replace("\n", " ").encode() + b"\n")
            sys.exit(2)


async def _serve(edge: Edge, listeners: list[socket.socket], control: socket.socket) -> None:
    serving = Serving(edge, listeners)
    loop = asyncio.get_running_loop()
    control.setblocking(False)
    obeying = loop.create_task(_obey(serving, control))
    loop.add_signal_handler(signal.SIGTERM, serving.end, 1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())

    def ready() -> None:
        with suppress(OSError):
            control.send(orders.READY + b"\n")

    try:
        await serving.run(ready)
    finally:
        obeying.cancel()
    _log.info("stopped, process %d", os.getpid())


async def _obey(serving: Serving, control: socket.socket) -> None:
    """Do what the supervisor says; its end is an order to stop."""
    loop, heard = asyncio.get_running_loop(), b""
    with suppress(ConnectionResetError):
        while piece := await loop.sock_recv(control, 4096):
            *lines, heard = (heard + piece).split(b"\n")
            for line in lines:
                order = line + b"\n"
                if order == orders.RETIRE:
                    serving.end()
                elif order == orders.STOP_NOW:
                    serving.end_now()
                elif order == orders.REOPEN:
                    serving.reopen()
                else:
                    serving.end(1)
    serving.end(1)


def configure_logging(level: str, who: str = "") -> None:
    """Lines for people on standard error."""
    logging.basicConfig(level=level.upper(), format=f"%(asctime)s %(levelname)s %(name)s{who}: %(message)s")


if __name__ == "__main__":
    main()
