"""`masugata edge` as processes, and clients that count every request that they send."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import orjson

from edge_house import Client, Recorder, until


class EdgeProcess:
    """A `masugata edge` process with one site."""

    def __init__(self, upstreams: str, *arguments: str, workers: int = 2) -> None:
        command = [sys.executable, "-m", "masugata", "edge", "--json", "--workers", str(workers), *arguments]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MASUGATA_")}
        environment["PYTHONPATH"] = str(Path(__file__).parent)
        self.process = subprocess.Popen(
            [*command, f"site=127.0.0.1:0={upstreams}"], stdout=subprocess.PIPE, env=environment
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the edge ended before it was ready"
        self.port = urlsplit(orjson.loads(line)["sites"]["site"]).port or 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self) -> int:
        """Ask it to stop; its exit status."""
        self.process.terminate()
        return self.process.wait(60)

    def reload(self) -> None:
        """Have all workers replaced, and wait until they are."""
        before = self.workers
        self.process.send_signal(signal.SIGHUP)
        until(lambda: not self.workers & before and len(self.workers) >= len(before))

    @property
    def workers(self) -> set[int]:
        """The ids of the workers' processes."""
        return self._children("masugata.edge.worker")

    @property
    def planners(self) -> set[int]:
        """The ids of the processes that bring plans: one, if there are plans."""
        return self._children("masugata.edge.planning.planner")

    def _children(self, module: str) -> set[int]:
        """The kernel's own list of children misses some while others come and go."""
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                arguments = (process / "cmdline").read_text().split("\0")
                if parent == self.process.pid and module in arguments:
                    found.add(int(process.name))
        return found

    def connect(self) -> Client:
        """A connection."""
        return Client(socket.create_connection(("127.0.0.1", self.port), timeout=30))


@contextlib.contextmanager
def upstream() -> Iterator[Recorder]:
    """A recorder with a thread of its own."""
    recorder, started, ended = Recorder(), threading.Event(), threading.Event()

    async def main() -> None:
        server = await recorder.start()
        started.set()
        await asyncio.to_thread(ended.wait)
        server.close()
        await recorder.stop()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    started.wait()
    try:
        yield recorder
    finally:
        ended.set()
        thread.join()
        assert recorder.unreadable == []


@dataclass
class Load:
    """Clients that send numbered requests over connections that they keep, until told to stop."""

    port: int
    clients: int = 4
    answered: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    sent: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Until so many more requests were answered."""
        goal = self.answered.total() + more
        until(lambda: self.answered.total() >= goal)

    def _run(self, client: int) -> None:
        connection, number = None, 0
        while not self._ended.is_set():
            number += 1
            target = f"/{client}/{number}"
            self.sent += 1
            try:
                connection = connection or Client(
                    socket.create_connection(("127.0.0.1", self.port), timeout=30)
                )
                body = b"x" * (number % 3)
                connection.send(
                    b"POST %b HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b"
                    % (target.encode(), len(body), body)
                )
                status, headers, _ = connection.response()
            except (OSError, EOFError):
                self.lost.append(target)
                if connection is not None:
                    connection.socket.close()
                connection = None
                continue
            if status == 200:
                self.answered[target] += 1
            else:
                self.lost.append(target)
            if ("connection", "close") in headers:
                connection.socket.close()
                connection = None
        if connection is not None:
            connection.socket.close()
