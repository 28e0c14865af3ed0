"""What the benchmarks over HTTP share: servers, requests signed beforehand, a client that costs little."""

import contextlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from masugata.server import read_credentials

ROOT = Path(__file__).parent.parent
IAM_VERSION = "2010-05-08"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident_mib(pid: int) -> float:
    """Resident memory of a process in MiB."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    below: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # of a thread that has ended meanwhile
            below += map(int, children.read_text("utf-8").split())
    return [pid, *(each for child in below for each in tree(child))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


class Server:
    """A server under measurement, at `port` on loopback, called with the key `key`."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, key: tuple[str, str]) -> None:
        self.process = process
        self.port = port
        self.key = key

    def iam(self, action: str, **parameters: str) -> bytes:
        """A signed call of IAM, ready to send again and again."""
        body = urlencode({"Action": action, "Version": IAM_VERSION, **parameters}).encode()
        content = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        return self._signed("iam", content, body)

    def kms(self, operation: str, **members: Any) -> bytes:
        """A signed call of KMS, ready to send again and again."""
        content = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"TrentService.{operation}",
        }
        return self._signed("kms", content, json.dumps(members).encode())

    def cpu_seconds(self) -> float:
        """What the server and all processes below it have used of the processors."""
        return sum(_cpu_seconds(pid) for pid in tree(self.process.pid))

    def _signed(self, service: str, content: dict[str, str], body: bytes) -> bytes:
        request = AWSRequest("POST", f"http://127.0.0.1:{self.port}/", data=body)
        for name, value in content.items():
            request.headers[name] = value
        SigV4Auth(Credentials(*self.key), service, "us-east-1").add_auth(request)
        headers = {
            "Host": f"127.0.0.1:{self.port}",
            "Content-Length": str(len(body)),
            **dict(request.headers),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + body


class Connection:
    """One connection, kept alive as long as the server allows; a new one where it does not."""

    def __init__(self, port: int) -> None:
        self._address = ("127.0.0.1", port)
        self._socket: socket.socket | None = None

    def call(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer; connecting is part of it where the server closed."""
        self.send(request)
        return self.receive()

    def send(self, request: bytes) -> None:
        """Send a request, whose answer is to be received next."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)

    def receive(self) -> tuple[int, bytes]:
        """Status and body of the answer."""
        head, _, body = self._read_until(b"\r\n\r\n").partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        while len(body) < int(headers["content-length"]):
            body += self._received()
        if headers.get("connection") == "close" or lines[0].startswith("http/1.0"):
            self.close()
        return int(lines[0].split()[1]), body

    def expect(self, request: bytes) -> bytes:
        """The body of an answer that must be a 200."""
        status, body = self.call(request)
        if status != 200:
            raise RuntimeError(f"answered {status}: {body[:500]!r}")
        return body

    def close(self) -> None:
        """Close it; the next call connects again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read_until(self, end: bytes) -> bytes:
        data = b""
        while end not in data:
            data += self._received()
        return data

    def _received(self) -> bytes:
        assert self._socket is not None  # noqa: S101
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        return data


def wait_for(port: int, process: subprocess.Popen[bytes], *, seconds: float = 120) -> None:
    """Until the port answers; raises if the server ends or takes longer than `seconds`."""
    deadline = time.perf_counter() + seconds
    question = b"GET /_masugata/health/ready HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"
    while time.perf_counter() < deadline and process.poll() is None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=seconds) as probe,
        ):
            probe.sendall(question)
            if probe.recv(1):
                return
        time.sleep(0.002)
    raise RuntimeError(f"the server on port {port} did not start")


@contextlib.contextmanager
def masugata(data: Path, *flags: str) -> Iterator[Server]:
    """Run masugata on a data directory, new or old, with default settings but for `flags`."""
    port = free_port()
    program = str(Path(sys.executable).with_name("masugata"))
    with _running([program, "up", "--data", str(data), "--port", str(port), *flags], port) as process:
        yield Server(process, port, read_credentials(data / "credentials", "admin"))


@contextlib.contextmanager
def moto_server() -> Iterator[Server]:
    """Run moto's server, which checks no signatures and no permissions."""
    port = free_port()
    program = str(peer("moto") / "bin/moto_server")
    with _running([program, "-H", "127.0.0.1", "-p", str(port)], port) as process:
        yield Server(process, port, ("AKIAIOSFODNN7EXAMPLE", "not-checked"))


@contextlib.contextmanager
def _running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def peer(name: str) -> Path:
    """The environment of a peer, made if it is missing."""
    folder = ROOT / f".venv-{name}"
    subprocess.run([ROOT / "scripts/env", "peer", name], check=True)
    return folder


def seconds_of(calls: Sequence[Callable[[], object]]) -> list[float]:
    """How long each call took."""
    times = []
    for call in calls:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def report(result: dict[str, Any], lines: Sequence[str]) -> None:
    """Print the figures for people, or all of them with `--json`."""
    if "--json" in sys.argv:
        print(json.dumps(result | {"cpus": os.cpu_count(), "python": platform.python_version()}))
        return
    print("\n".join(lines))
