"""Starting and stopping: store, keeper, gateway, scheduler and the HTTP server around them."""

import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson
import uvicorn

from masugata.errors import MasugataError
from masugata.gateway import Gateway
from masugata.keeper import Keeper, open_keeper
from masugata.records import ALL_KINDS
from masugata.scheduler import Scheduler
from masugata.server.asgi import Application
from masugata.server.bootstrap import bootstrap
from masugata.settings import Settings
from masugata.store import Store, open_store

if TYPE_CHECKING:
    from masugata.server.tls import TlsFiles


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


def open_installation(settings: Settings, *, create: bool) -> tuple[Store, Keeper]:
    """The store and the keeper of a data directory, or of memory if the settings say ephemeral.

    `create` says whether a missing installation may be made. A database without its root key is
    refused, because its secrets would be lost under a new one.
    """
    if settings.ephemeral:
        return open_store(None, ALL_KINDS), open_keeper("ephemeral:", create=True)
    database, root_key = settings.data / "masugata.db", settings.data / "root.key"
    if not create and not database.exists():
        raise MasugataError(f"`{settings.data}` holds no installation: start one with `masugata up`")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    keeper = open_keeper(f"file:{root_key.absolute()}", create=create and not database.exists())
    return open_store(database, ALL_KINDS), keeper


def serve(settings: Settings, ready: Callable[[Started], None]) -> None:
    """Serve until told to stop by SIGINT or SIGTERM; calls `ready` once connections are accepted."""
    listener = _listen(settings)
    with listener:
        store, keeper = open_installation(settings, create=True)
        try:
            account = bootstrap(store, keeper, settings, utc_now(), os.urandom)
            files = _tls(settings)
            gateway = Gateway(
                store,
                keeper,
                clock=utc_now,
                random=os.urandom,
                skew_seconds=settings.clock_skew_seconds,
            )
            started = Started(_url(listener, files), account.id, files.authority if files else None)
            write_endpoint(settings, started)
            with Scheduler(store, settings, clock=utc_now):
                server = uvicorn.Server(_config(Application(gateway, settings), files))
                ready(started)
                server.run(sockets=[listener])
        finally:
            store.close()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotListenError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another --port"
        ) from error
    return listener


def _tls(settings: Settings) -> "TlsFiles | None":
    if settings.tls is None:
        return None
    # X.509 is a fifth of the time to start, and most servers on a laptop speak plain HTTP.
    from masugata.server.tls import tls_files  # noqa: PLC0415

    return tls_files(settings, utc_now())


def _config(application: Application, files: "TlsFiles | None") -> uvicorn.Config:
    return uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
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


def _url(listener: socket.socket, files: "TlsFiles | None") -> str:
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    scheme = "https" if files else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def write_endpoint(settings: Settings, started: Started) -> None:
    """Leave the endpoint where `masugata env` finds it."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = {
        "url": started.url,
        "account": started.account,
        "authority": str(started.authority.absolute()) if started.authority else None,
        "pid": os.getpid(),
    }
    temporary = settings.data / "endpoint.json.new"
    temporary.write_bytes(orjson.dumps(content))
    temporary.replace(settings.data / "endpoint.json")
