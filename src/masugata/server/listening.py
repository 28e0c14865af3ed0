"""The address that is served: its socket, its URL, and the file that tells others of it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import orjson

from masugata.errors import MasugataError
from masugata.server.credentials_file import write_privately
from masugata.settings import Settings

BACKLOG = 2048  # connections that wait to be accepted


class CannotListenError(MasugataError):
    """The address is taken, or is not this machine's."""


class Started(NamedTuple):
    """What a person needs to know of a server that is ready."""

    url: str
    account: str
    authority: Path | None


def listen(settings: Settings) -> socket.socket:
    """The listening socket; raises `CannotListenError`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "not a host name"
        raise CannotListenError(
            f"cannot listen on {settings.host}:{settings.port}: {reason}; choose another --host or --port"
        ) from error
    return listener


def url_of(settings: Settings, listener: socket.socket) -> str:
    """Under the name that was given, because requests to another one are refused as foreign."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    port = listener.getsockname()[1]
    scheme = "http" if settings.tls is None else "https"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@contextmanager
def endpoint_file(settings: Settings, started: Started) -> Iterator[None]:
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
