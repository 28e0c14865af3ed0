"""A limit is one over all processes of an edge, whatever becomes of them."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_house import Client, until
from edge_processes import upstream
from limited_edge import LIMIT

WORKERS = 3
REQUEST = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"


class LimitedEdge:
    """The edge of `limited_edge`, as a process."""

    def __init__(self, upstream_port: int) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MASUGATA_")}
        environment["PYTHONPATH"] = str(Path(__file__).parents[1])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "limited_edge", str(upstream_port), str(WORKERS)],
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def workers(self) -> set[int]:
        """The ids of its workers' processes."""
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def connect(self) -> Client:
        """A connection, which one of the workers takes."""
        return Client(socket.create_connection(("127.0.0.1", self.port), timeout=30))

    def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        assert self.process.wait(60) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def edge() -> Iterator[LimitedEdge]:
    """In front of an application that answers everything."""
    with upstream() as recorder:
        edge = LimitedEdge(recorder.port)
        yield edge
        edge.stop()


def ask(edge: LimitedEdge, times: int, statuses: Counter[int]) -> None:
    """Send so many requests, each over a connection of its own."""
    for _ in range(times):
        with edge.connect() as client:
            client.send(REQUEST)
            statuses[client.response()[0]] += 1


def test_a_limit_is_one_over_all_workers(edge: LimitedEdge) -> None:
    """Of requests to all workers at once just as many go through as may; a killed worker frees nobody."""
    statuses = [Counter[int]() for _ in range(6)]
    threads = [threading.Thread(target=ask, args=(edge, 40, mine)) for mine in statuses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(statuses, Counter()) == {200: LIMIT, 403: 6 * 40 - LIMIT}

    before = edge.workers()
    os.kill(min(before), signal.SIGKILL)
    until(lambda: len(edge.workers() - before) == 1)
    after = Counter[int]()
    ask(edge, 30, after)
    assert after == {403: 30}
