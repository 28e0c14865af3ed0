"""A worker: one of several processes that serve an installation on one listening socket.

Started by the supervisor as `python -m masugata.server.worker LISTENER CONTROL`, two inherited file
descriptors; everything else, secrets included, comes over the second (see `control`).
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

from masugata.errors import MasugataError
from masugata.server import control
from masugata.server.http_server import HttpServer
from masugata.server.run import application, due_work, opened, prepare, tls

_log = logging.getLogger("masugata.server")


def main() -> None:
    """Serve until the supervisor says stop, or is gone."""
    # The supervisor started us with these blocked: until here a signal would have ended us without a word.
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to us too; the supervisor decides
        signal.signal(number, signal.SIG_IGN)
    listener = socket.socket(fileno=int(sys.argv[1]))
    supervisor = socket.socket(fileno=int(sys.argv[2]))
    with supervisor, supervisor.makefile("rb") as orders:
        line = orders.readline()
        if not line:  # the supervisor is gone already
            return
        assignment = control.decode_assignment(line)
        logging.basicConfig(
            level=assignment.settings.log_level.upper(),
            format=f"%(asctime)s %(levelname)s %(name)s: worker {assignment.number}: %(message)s",
        )
        try:
            _serve(assignment, listener, orders, lambda ready: supervisor.sendall(control.encode(ready)))
        except (MasugataError, OSError) as error:
            _log.debug("the worker cannot go on", exc_info=True)
            supervisor.sendall(control.encode(control.Failed(_reason(error))))
            sys.exit(2)


def _serve(
    assignment: control.Assignment,
    listener: socket.socket,
    orders: BinaryIO,
    tell: Callable[[control.Ready], None],
) -> None:
    settings = assignment.settings
    certificate, key, authority = assignment.certificate, assignment.key, None
    account = settings.account_id
    with opened(settings, create=assignment.prepare) as (store, keeper):
        if assignment.prepare:
            account = prepare(store, keeper, settings)
            certificate, key, authority = tls(settings) or (None, None, None)
        server = HttpServer(
            application(store, keeper, settings),
            settings,
            certificate,
            key,
            started=lambda: tell(control.Ready(account, certificate, key, authority)),
        )
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        threading.Thread(target=_obey, args=(orders, server), name="masugata-orders", daemon=True).start()
        with due_work(store, settings, here=assignment.number == 0):
            server.run(sockets=[listener])
    _log.info("stopped, process %d", os.getpid())


def _obey(orders: BinaryIO, server: HttpServer) -> None:
    """Do what the supervisor says; its end is an order to stop."""
    for order in orders:
        if order == control.RETIRE:
            server.retire()
        elif order == control.STOP_NOW:
            server.stop_now()
        else:
            server.stop()
    server.stop()


def _reason(error: MasugataError | OSError) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"cannot use `{error.filename}`: {error.strerror}"
    return str(error)


if __name__ == "__main__":
    main()
