"""A private Redis server for tests, on loopback, which keeps nothing."""

import shutil
import socket
import subprocess
import tempfile
import warnings
from contextlib import suppress

import pytest
import redis

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server")


class RedisServer:
    """A server that may be stopped and started again, empty, on the same port."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        if PROGRAM is None:
            warnings.warn("RATES SHARED THROUGH REDIS are not tested: no redis-server", stacklevel=2)
            pytest.skip("no redis-server")
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tempfile.gettempdir()]
        self._process = subprocess.Popen(
            [PROGRAM, "--port", str(self.port), *options], stdout=subprocess.DEVNULL
        )
        client = redis.Redis.from_url(self.url)
        for _ in range(1000):
            with suppress(redis.ConnectionError):
                client.ping()
                break
        client.close()

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
