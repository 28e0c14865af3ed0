"""Starting and stopping: store, keeper, gateway, scheduler and the HTTP server around them."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
import uvicorn

from masugata.errors import MasugataError
from masugata.gateway import Gateway
from masugata.scheduler import Scheduler
from masugata.server.asgi import Application
from masugata.server.bootstrap import bootstrap
from masugata.server.connection import connection_class
from masugata.server.credentials_file import write_privately
from masugata.server.installation import open_installation
from masugata.server.monitoring import RequestObserver
from masugata.settings import Settings

if TYPE_CHECKING:
    from masugata.server.tls import TlsFiles


_log = logging.getLogger("masugata.server")


class CannotListenError(MasugataError):
    """The address is taken, or is not this machine's."""


class Started(NamedTuple):
    """What a person needs to know of a server that is ready."""

    url: str
    account: str
    authority: Path | None


def utc_now() -> datetime:
    """The time, for those who start everything; everybody else is told."""
    return datetime.now(UTC)


def serve(settings: Settings, ready: Callable[[Started], None]) -> None:
    """Serve until told to stop by SIGINT or SIGTERM; calls `ready` once connections are accepted."""
    listener = _listen(settings)
    with listener:
        # Files that are given are read before anything is made; a local authority goes into the folder.
        given = None if settings.tls == "auto" else _tls(settings)
        store, keeper = open_installation(settings, create=True)
        try:
            account = bootstrap(store, keeper, settings, utc_now(), os.urandom)
            files = given or _tls(settings)
            gateway = Gateway(
                store,
                keeper,
                clock=utc_now,
                random=os.urandom,
                skew_seconds=settings.clock_skew_seconds,
                observer=RequestObserver(settings),
            )
            application = Application(gateway, settings)
            started = Started(_url(settings, listener, files), account.id, files.authority if files else None)
            server = _Server(_config(application, settings, files))
            if settings.account_id not in {account.id, Settings.account_id}:
                _log.warning("the account is %s: account_id counts at the first start only", account.id)
            with Scheduler(store, settings, clock=utc_now), _stopping(server), _endpoint(settings, started):
                _log.info("listening at %s, account %s, process %d", started.url, account.id, os.getpid())
                ready(started)
                server.run(sockets=[listener])
                application.close()
        finally:
            store.close()
        _log.info("stopped")


class _Server(uvicorn.Server):
    """uvicorn's server, without its handling of signals.

    It raises the signal again when it has stopped, which for SIGTERM ends the process before the
    store is closed: the last events would be lost.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `_stopping`."""
        yield


@contextmanager
def _stopping(server: uvicorn.Server) -> Iterator[None]:
    """SIGINT and SIGTERM stop the server, from now on; a second SIGINT does not wait for clients."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except (OSError, UnicodeError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "not a host name"
        raise CannotListenError(
            f"cannot listen on {settings.host}:{settings.port}: {reason}; choose another --host or --port"
        ) from error
    return listener


def _tls(settings: Settings) -> "TlsFiles | None":
    if settings.tls is None:
        return None
    # X.509 is a fifth of the time to start, and most servers on a laptop speak plain HTTP.
    from masugata.server.tls import tls_files  # noqa: PLC0415

    return tls_files(settings, utc_now())


def _config(application: Application, settings: Settings, files: "TlsFiles | None") -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="uvloop",
        http=connection_class(settings.maximum_body_bytes),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        ssl_certfile=str(files.certificate) if files else None,
        ssl_keyfile=str(files.key) if files else None,
    )


def _url(settings: Settings, listener: socket.socket, files: "TlsFiles | None") -> str:
    """Under the name that was given, because requests to another one are refused as foreign."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    port = listener.getsockname()[1]
    scheme = "https" if files else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@contextmanager
def _endpoint(settings: Settings, started: Started) -> Iterator[None]:
    """Leave the endpoint where `masugata env` finds it, for as long as it is served."""
    file = settings.data / "endpoint.json"
    content = {
        "url": started.url,
        "account": started.account,
        "authority": str(started.authority.absolute()) if started.authority else None,
        "pid": os.getpid(),
    }
    written = orjson.dumps(content)
    write_privately(file, written)
    try:
        yield
    finally:
        # Another server may have started in the same folder since.
        with suppress(OSError):
            if file.read_bytes() == written:
                file.unlink()
