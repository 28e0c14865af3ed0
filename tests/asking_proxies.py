"""nginx and Caddy as in the examples, which ask a `masugata edge` about requests for a recording upstream."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import orjson

from edge_house import Client, Recorder, until

EXAMPLES = Path(__file__).parents[1] / "examples" / "web-app-behind-the-waf"
WEB_ACL = EXAMPLES / "web-acl.json"
ATTACK = "/?q=1%27%20OR%201%3D1%20--%20"


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Decider:
    """A `masugata edge` that proxies ask, on one port however often it is started."""

    def __init__(self, *arguments: str, port: int | None = None) -> None:
        self.port = port or free_port()
        said = [f"site=127.0.0.1:{self.port}", "--web-acl", str(WEB_ACL), *arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MASUGATA_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "masugata", "edge", "--json", "--forward-auth", *said],
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the edge ended before it was ready"
        assert urlsplit(orjson.loads(line)["sites"]["site"]).port == self.port

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self) -> None:
        """Ask it to stop."""
        self.process.terminate()
        assert self.process.wait(60) == 0


class Proxy:
    """A proxy's process in front of a recorder."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, upstream: Recorder) -> None:
        self.process = process
        self.port = port
        self.upstream = upstream

    def connect(self) -> Client:
        """A connection, once it listens."""
        return Client(socket.create_connection(("127.0.0.1", self.port), timeout=30))

    def ask(
        self, target: str, *headers: str, method: str = "GET"
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """The answer to one request on a connection of its own."""
        with self.connect() as client:
            lines = [f"{method} {target} HTTP/1.1", "Host: shop.example", *headers, "", ""]
            client.send("\r\n".join(lines).encode("latin-1"))
            return client.response(bodiless=method == "HEAD")

    def listens(self) -> bool:
        """Whether it does; fails once it has ended."""
        assert self.process.poll() is None, "the proxy ended"
        with contextlib.suppress(ConnectionRefusedError):
            self.connect().socket.close()
            return True
        return False


def _example(name: str, decider: int, upstream: int) -> tuple[str, int]:
    """An example with the ports of a test, and the one it listens on."""
    port = free_port()
    ports = {"9001": decider, "8080": port, "3000": upstream}
    text = (EXAMPLES / name).read_text("utf-8")
    return re.sub(r"(?<=:)(9001|8080|3000)\b", lambda found: str(ports[found[0]]), text), port


@contextlib.contextmanager
def nginx(folder: Path, decider: int, upstream: Recorder) -> Iterator[Proxy]:
    """An nginx."""
    text, port = _example("nginx.conf", decider, upstream.port)
    folders = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    text = text.replace("http {", f"http {{ access_log off; {folders}", 1)
    file, log = folder / "nginx.conf", folder / "error.log"
    file.write_text(f"daemon off; pid {folder}/nginx.pid; error_log {log};\n{text}", "utf-8")
    with _running(["nginx", "-e", str(log), "-c", str(file)], port, upstream) as proxy:
        yield proxy


@contextlib.contextmanager
def caddy(folder: Path, decider: int, upstream: Recorder) -> Iterator[Proxy]:
    """A Caddy."""
    text, port = _example("Caddyfile", decider, upstream.port)
    file = folder / "Caddyfile"
    file.write_text(text, "utf-8")
    with _running(["caddy", "run", "--config", str(file)], port, upstream, HOME=str(folder)) as proxy:
        yield proxy


@contextlib.contextmanager
def _running(command: list[str], port: int, upstream: Recorder, **environment: str) -> Iterator[Proxy]:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | environment)
    try:
        proxy = Proxy(process, port, upstream)
        until(proxy.listens)
        yield proxy
    finally:
        process.terminate()
        process.wait(30)
