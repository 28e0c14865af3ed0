"""The address that is served: its URL, and the file that tells others of it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import orjson

from masugata.server.credentials_file import write_privately
from masugata.settings import Settings


class Started(NamedTuple):
    """What a person needs to know of a server that is ready."""

    url: str
    account: str
    authority: Path | None


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
