"""Fuzz target: no bytes on a connection make the server raise, answer 200, or keep more than its limits.

The first byte says how the others are cut into pieces.
"""

import asyncio
import os
import tempfile
from pathlib import Path

import uvicorn
from uvicorn.server import ServerState

from masugata.gateway import Gateway
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.server import bootstrap, utc_now
from masugata.server.application import Application
from masugata.server.connection import connection_class
from masugata.settings import Settings
from masugata.store import open_store

BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
HEAD = b"POST / HTTP/1.1\r\nhost: localhost\r\n"
SEEDS = (
    b"\x00" + HEAD + b"content-length: 43\r\n\r\n" + BODY,
    b"\x07" + HEAD + b"transfer-encoding: chunked\r\n\r\n2b;x=y\r\n" + BODY + b"\r\n0\r\nhost: evil\r\n\r\n",
    b"\x01" + HEAD + b"connection: upgrade\r\nupgrade: h2c\r\n\r\n" + HEAD + b"\r\n",
    b"\x40" + HEAD + b"expect: 100-continue\r\nx-forwarded-for: a, 10.0.0.1\r\ncontent-length: 99\r\n\r\n",
    b"\x10GET //x/%2e%2e?a=b HTTP/1.0\r\nhost: [::1]:1\r\n\r\n",
)


class Wire(asyncio.Transport):
    """A transport whose client takes everything at once."""

    def __init__(self) -> None:
        super().__init__({"peername": ("10.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written = b""
        self.closing = False

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.closing = True

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        """Nothing: all pieces come at once."""

    def resume_reading(self) -> None:
        """Nothing."""


FOLDER = tempfile.TemporaryDirectory()
SETTINGS = Settings(
    data=Path(FOLDER.name), ephemeral=True, maximum_body_bytes=4096, trusted_proxies=("10.0.0.0/8",)
)
STORE, KEEPER = open_store(None, ALL_KINDS), open_keeper("ephemeral:", create=True)
bootstrap(STORE, KEEPER, SETTINGS, utc_now(), os.urandom)
APPLICATION = Application(Gateway(STORE, KEEPER, clock=utc_now, random=os.urandom), SETTINGS)
CONFIG = uvicorn.Config(None, log_config=None)  # type: ignore[arg-type]  # connections are answered without it
CONNECTION = connection_class(APPLICATION, SETTINGS.maximum_body_bytes)
LOOP = asyncio.new_event_loop()


def fuzz_one(data: bytes) -> None:
    """One connection; whatever comes, nothing is allowed and nothing is raised."""
    LOOP.run_until_complete(connection(data[1:], data[0] if data else 0))


async def connection(data: bytes, size: int) -> None:
    """Feed the bytes in pieces of `size` (0: at once), then lose the connection."""
    state, wire = ServerState(), Wire()
    protocol = CONNECTION(CONFIG, state, {}, _loop=LOOP)
    protocol.connection_made(wire)
    step = size or max(1, len(data))
    for start in range(0, len(data), step):
        if wire.closing:
            break
        protocol.data_received(data[start : start + step])
        await asyncio.sleep(0)
    for _ in range(20):
        await asyncio.sleep(0)
    protocol.connection_lost(None)
    if b"HTTP/1.1 500" in wire.written or (
        b"HTTP/1.1 200" in wire.written and b"_masugata/health" not in data
    ):
        raise AssertionError(f"{data!r} was answered {wire.written!r}")
