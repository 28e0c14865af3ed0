"""Requests that race with the loss of the right to make them: none may be allowed after that was answered.

    PYTHONPATH=tests python -m stress.runner [--requests N] [--workers N] [--database URL] [-- FLAG …]

Starts a server and clients, grants and revokes through random workers until the clients have made so
many requests, and prints what came of it. Exit status 0: every answer was what it had to be.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from masugata.server import read_credentials
from stress.board import Board, Counter, State, judge
from stress.client import Connection, Identity, owner_of
from stress.kinds import KINDS

EACH = 2  # principals of each kind
CLIENTS = 2
CONNECTIONS = 10  # of each client
_PATIENCE = 200  # connections
TESTS = Path(__file__).parents[1]


class Report(dict):
    """The clients' counters, and what the mutator did."""

    @property
    def fine(self):
        """Whether every answer was what it had to be, and all kinds were really tried."""
        wrong = self["stale"] + self["wrongly_denied"] + self["failed"]
        return wrong == 0 and min(self["revokes"], self["must_deny"], self["must_allow"]) > 0

    def __str__(self):
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.items())


class Served(NamedTuple):
    """A server's address, and the processes that answer there."""

    host: str
    workers: list[int]


@contextmanager
def server(data, workers, flags=(), **more):
    """A server, with more in its environment if that is wanted."""
    command = [sys.executable, "-m", "masugata", "up", "--json", "--port", "0", "--data", str(data)]
    command += ["--workers", str(workers), *flags]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment | more)
    try:
        line = process.stdout.readline()
        assert line, "the server does not start"
        yield Served(orjson.loads(line)["url"].partition("//")[2], workers_of(process.pid) or [process.pid])
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait() == 0


def workers_of(supervisor):
    """Those of its children that answer requests; the keeper does not."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return [int(n) for n in children if b"masugata.server.worker" in Path(f"/proc/{n}/cmdline").read_bytes()]


def connections_to(served, admin, least):
    """So many connections, and more until each worker has one: who accepts is not for us to choose."""
    connections, reached = [], set()
    while len(connections) < least or len(reached) < len(served.workers):
        assert len(connections) < _PATIENCE, "a worker accepts no connection"
        connection = Connection(served.host)
        assert connection.call(admin, "sts", "GetCallerIdentity")[0] == 200
        connections.append(connection)
        reached.add(owner_of(connection.socket, served.workers))
    return connections


class Mutator:
    """Grants and revokes, over connections that are open to all workers, one call at a time."""

    def __init__(self, served, admin, board, seed):
        self.host, self.admin, self.board = served.host, admin, board
        self.randomness = random.Random(seed)
        self.connections = connections_to(served, admin, 8)
        shared = {}
        self.principals = [
            kind(self.ask, f"{kind.__name__}-{number}", shared) for number in range(EACH) for kind in KINDS
        ]
        self.counts = board.counters(CLIENTS)
        self.order = []
        self.revoked = deque()
        self.revokes = 0

    def ask(self, service, action, by=None, **parameters):
        """Do a call at a random worker; gives the body of the answer, which must be a success."""
        connection = self.randomness.choice(self.connections)
        status, body = connection.call(by or self.admin, service, action, **parameters)
        assert status == 200, (action, parameters, status, body)
        return body

    def setup(self):
        """Make all principals and let them begin."""
        for place, principal in enumerate(self.principals):
            principal.setup()
            self.grant(place)

    def grant(self, place):
        """Let a principal do its request."""
        principal = self.principals[place]
        self.board.set(place, State.CHANGING)
        before = principal.credentials
        principal.grant()
        if not self.board.generation(place) or principal.credentials != before:
            self.board.publish(place, principal.request, principal.credentials)
        self.board.set(place, State.GRANTED)
        self.probe(place, State.GRANTED)

    def revoke(self, place):
        """Take it from it; from the moment of the answer on nothing may be allowed, at no worker."""
        self.board.hot = place
        self.board.set(place, State.CHANGING)
        self.principals[place].revoke()
        self.board.set(place, State.REVOKED)
        self.probe(place, State.REVOKED)
        self.revokes += 1
        self.revoked.append(place)

    def probe(self, place, state):
        """Ask as the principal over every connection, without a moment's delay."""
        principal = self.principals[place]
        service, action, parameters = principal.request
        request = Identity(*principal.credentials).request(self.host, service, action, **parameters)
        for connection in self.connections:
            connection.socket.sendall(request)
        for connection in self.connections:
            status, body = connection.receive()
            judge(self.counts, state, status, (place, principal.request, body))

    def close(self):
        """Hang up."""
        for connection in self.connections:
            connection.close()

    def step(self):
        """Revoke somewhere, everywhere once before twice; give back where it was taken longest ago."""
        if not self.order:
            self.order = self.randomness.sample(range(len(self.principals)), len(self.principals))
        place = next(p for p in self.order if p not in self.revoked)
        self.order.remove(place)
        self.revoke(place)
        if len(self.revoked) > len(self.principals) // 4:
            self.grant(self.revoked.popleft())


def run(served, admin, folder, requests, *, seed=1):
    """Race until so many requests were made, and every right revoked; gives the report."""
    places = EACH * len(KINDS)
    path = folder / "board"
    board = Board(path, places, CLIENTS + 1)
    mutator = Mutator(served, admin, board, seed)
    mutator.setup()
    start = time.monotonic()
    command = [sys.executable, "-m", "stress.hammer", str(path), str(places), str(CLIENTS + 1)]
    hammers = [
        subprocess.Popen(
            [*command, str(number), served.host, str(CONNECTIONS)],
            env=os.environ | {"PYTHONPATH": str(TESTS)},
        )
        for number in range(CLIENTS)
    ]
    try:
        # However fast the clients are, every principal has lost its right once.
        while board.total(Counter.REQUESTS) < requests or mutator.revokes < places:
            mutator.step()
            assert not any(hammer.poll() for hammer in hammers), "a client failed"
    finally:
        mutator.close()
        for client in range(CLIENTS):
            board.counters(client)[Counter.STOP] = 1
        ended = [hammer.wait() for hammer in hammers]
    assert ended == [0] * CLIENTS
    seconds = time.monotonic() - start
    counted = {
        counter.name.lower(): board.total(counter) for counter in Counter if counter is not Counter.STOP
    }
    rates = {"requests_per_second": round(counted["requests"] / seconds)}
    return Report(counted | {"revokes": mutator.revokes, "seconds": round(seconds, 1)} | rates)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="the database of the server, if it is not its own file")
    given = parser.parse_args(arguments)
    flags = ["--database", given.database] if given.database else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with server(folder / "data", given.workers, flags) as served:
            admin = Identity(*read_credentials(folder / "data" / "credentials", "admin"))
            report = run(served, admin, folder, given.requests, seed=given.seed)
    sys.stdout.write(f"{report}\n")
    return 0 if report.fine else 1


if __name__ == "__main__":
    sys.exit(main())
