"""Starting and stopping: store, keeper, gateway, scheduler and the HTTP server around them."""

import gc
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from masugata.gateway import Gateway
from masugata.keeper import Keeper, SealableKeeper
from masugata.keeper.child import KeeperProcess
from masugata.keeper.hardening import refuse_core_dumps
from masugata.scheduler import Scheduler
from masugata.server.application import Application
from masugata.server.bootstrap import bootstrap
from masugata.server.http_server import HttpServer
from masugata.server.installation import open_installation
from masugata.server.listening import Started, endpoint_file, url_of
from masugata.server.monitoring import RequestObserver
from masugata.server.notify import notify_ready, notify_stopping
from masugata.server.unsealing import Unsealing
from masugata.settings import Settings
from masugata.store import Store

if TYPE_CHECKING:
    from masugata.server.tls import TlsFiles

_log = logging.getLogger("masugata.server")

# Containers that are new before they are looked at, and how often what survived is: with the 700 of the
# interpreter the requests under way, which are no garbage, are walked through time and again.
_GARBAGE = (20_000, 10, 10)


def utc_now() -> datetime:
    """The time, for those who start everything; everybody else is told."""
    return datetime.now(UTC)


First: TypeAlias = Callable[[Gateway, Callable[[], bool]], None]
"""Calls to make before anybody is answered; what is given to it says whether to stop."""


def serve(
    settings: Settings,
    listener: socket.socket,
    ready: Callable[[Started], None],
    load: Callable[[], Settings] | None = None,
    first: First | None = None,
    keeper: KeeperProcess | None = None,
) -> None:
    """Serve on a socket until told to stop by SIGINT or SIGTERM; calls `ready` once connections are accepted.

    With several workers, `load` gives the settings to reload them with at SIGHUP. Before anybody else is
    answered, `first` may make calls, until told to stop; there must be one worker. Whoever started a
    `keeper` for these settings ends it afterwards; without one, and unless they name one, keys are kept in
    the processes that serve.
    """
    refuse_core_dumps()
    if settings.workers > 1:
        from masugata.server.supervisor import Supervisor  # noqa: PLC0415  # most servers are one process

        Supervisor(settings, listener, ready, load, keeper).run()
    else:
        _serve_alone(settings, listener, ready, first, keeper)


def _serve_alone(
    settings: Settings,
    listener: socket.socket,
    ready: Callable[[Started], None],
    first: First | None,
    keeper_process: KeeperProcess | None,
) -> None:
    address = keeper_process.address if keeper_process else None
    # Files that are given are read before anything is made; a local authority goes into the folder.
    given = None if settings.tls == "auto" else tls(settings)
    with opened(settings, create=True, keeper=address) as (store, keeper):
        account = prepare(store, keeper, settings)
        files = given or tls(settings)
        started = Started(url_of(settings, listener), account, files.authority if files else None)
        served = application(store, keeper, settings, started.url)
        server = HttpServer(served, settings, *(files or ())[:2])
        with (
            due_work(store, keeper, settings),
            Unsealing(store, keeper, settings, utc_now, whole=True),
            _stopping(server),
            endpoint_file(settings, started),
        ):
            _log.info("listening at %s, account %s, process %d", started.url, account, os.getpid())
            if first is not None:
                first(served.gateway, lambda: server.should_exit)
            if not server.should_exit:
                ready(started)
                notify_ready()
            server.run(sockets=[listener])
            served.close()
            notify_stopping()
    _log.info("stopped")


@contextmanager
def opened(
    settings: Settings, *, create: bool, keeper: Path | None = None
) -> Iterator[tuple[Store, SealableKeeper]]:
    """An installation, closed when the block is left; what waits in it is stored before."""
    with _loading():
        store, opened_keeper = open_installation(settings, create=create, keeper=keeper)
    try:
        yield store, opened_keeper
    finally:
        store.close()


@contextmanager
def _loading() -> Iterator[None]:
    """Keep the garbage collector away from what is loaded, now and later, for it stays.

    Walking through the records of 100,000 users takes it a tenth of a second each time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        gc.enable()


def prepare(store: Store, keeper: Keeper, settings: Settings) -> str:
    """Make what a new installation needs, and what the settings ask of any; returns the account's id."""
    account = bootstrap(store, keeper, settings, utc_now(), os.urandom).id
    if settings.account_id not in {account, Settings.account_id}:
        _log.warning("the account is %s: account_id counts at the first start only", account)
    return account


def application(store: Store, keeper: Keeper, settings: Settings, url: str) -> Application:
    """The gateway as an ASGI application, in real time; `url` is where it is served."""
    gateway = Gateway(
        store,
        keeper,
        clock=utc_now,
        random=os.urandom,
        skew_seconds=settings.clock_skew_seconds,
        region=settings.region,
        private_issuers=settings.private_issuers,
        saml_audiences=settings.saml_audiences,
        private_xks_proxies=settings.private_xks_proxies,
        xks_authority=settings.xks_authority,
        observer=RequestObserver(settings),
        public_url=settings.public_url or url,
        limits=settings.limits,
    )
    return Application(gateway, settings)


def due_work(
    store: Store, keeper: Keeper, settings: Settings, *, here: bool = True
) -> "Scheduler | nullcontext[None]":
    """The scheduler, in one process of several: elsewhere nothing is due."""
    if not here:
        return nullcontext()
    return Scheduler(store, settings, keeper=keeper, clock=utc_now, random=os.urandom)


def tls(settings: Settings) -> "TlsFiles | None":
    """The certificate and its key, made if the settings say `auto`; None for plain HTTP."""
    if settings.tls is None:
        return None
    # X.509 is a fifth of the time to start, and most servers on a laptop speak plain HTTP.
    from masugata.server.tls import tls_files  # noqa: PLC0415

    return tls_files(settings, utc_now())


@contextmanager
def _stopping(server: HttpServer) -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP stop the server, from now on; a second SIGINT does not wait for clients."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        if server.should_exit and number == signal.SIGINT:
            server.stop_now()
        else:
            server.stop()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
