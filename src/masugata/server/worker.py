"""A worker: one of several processes that serve an installation on one listening socket.

Started by the supervisor as `python -m masugata.server.worker CONTROL LISTENER [LIFELINE]`, inherited file
descriptors; everything else, secrets included, comes over the first (see `control`). The third is only held:
the keeper lives as long as somebody does.
"""

import logging
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from masugata.errors import MasugataError
from masugata.keeper.hardening import refuse_core_dumps
from masugata.server import control
from masugata.server.http_server import HttpServer
from masugata.server.listening import url_of
from masugata.server.monitoring import configure_logging
from masugata.server.run import application, due_work, opened, prepare, tls, utc_now
from masugata.server.unsealing import Unsealing

_log = logging.getLogger("masugata.server")


def main() -> None:
    """Serve until the supervisor says stop, or is gone."""
    # The supervisor started us with these blocked: until here a signal would have ended us without a word.
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to us too; the supervisor decides
        signal.signal(number, signal.SIG_IGN)
    supervisor = socket.socket(fileno=int(sys.argv[1]))
    listener = socket.socket(fileno=int(sys.argv[2]))
    refuse_core_dumps()
    with supervisor, supervisor.makefile("rb") as orders:
        line = orders.readline()
        if not line:  # the supervisor is gone already
            return
        assignment = control.decode_assignment(line)
        configure_logging(assignment.settings, worker=assignment.number)
        try:
            _serve(assignment, listener, supervisor, orders)
        except (MasugataError, OSError) as error:
            _log.debug("the worker cannot go on", exc_info=True)
            _tell(supervisor, control.encode(control.Failed(_reason(error))))
            sys.exit(2)


def _serve(
    assignment: control.Assignment, listener: socket.socket, supervisor: socket.socket, orders: BinaryIO
) -> None:
    settings = assignment.settings
    account = settings.account_id
    files: tuple[Path | None, Path | None, Path | None] = (assignment.certificate, assignment.key, None)
    with opened(settings, create=assignment.prepare, keeper=assignment.keeper) as (store, keeper):
        if assignment.prepare:
            account = prepare(store, keeper, settings)
            files = tls(settings) or files
        ready = control.encode(control.Ready(account, *files))
        served = application(store, keeper, settings, url_of(settings, listener))
        server = HttpServer(
            served,
            settings,
            *files[:2],
            started=lambda: _tell(supervisor, ready),
        )
        signal.signal(signal.SIGTERM, lambda *_: server.stop())
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        listening = threading.Thread(target=_obey, args=(orders, server), name="masugata-orders")
        listening.start()
        try:
            with (
                due_work(store, keeper, settings, here=assignment.number == 0),
                Unsealing(store, keeper, settings, utc_now, whole=assignment.prepare),
            ):
                server.run(sockets=[listener])
                served.close()
        finally:
            supervisor.shutdown(socket.SHUT_RD)
            listening.join()
    _log.info("stopped, process %d", os.getpid())


def _tell(supervisor: socket.socket, message: bytes) -> None:
    """Say something to the supervisor; that it is gone, which is an order to stop, `_obey` hears."""
    with suppress(OSError):
        supervisor.sendall(message)


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
