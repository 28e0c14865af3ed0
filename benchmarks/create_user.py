"""iam:CreateUser over 8 connections, side by side with moto_server.

masugata answers when the user, its event and its name are on the disk (WAL, synchronous=FULL); moto_server
keeps users in memory and checks nothing. ROUNDS rounds in turn; in each, 8 connections create USERS users at
the same time. Prints milliseconds per user and the ratio of the medians; beside them the disk's own
price: one append and fsync at a time.

    python benchmarks/create_user.py [--json]
"""

import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _http import Connection, Server, masugata, moto_server, report

ROUNDS = 7
CONNECTIONS = 8
USERS = 320
FSYNCS = 50
LIMIT = 1.0


def measured(server: Server, round_number: int) -> float:
    """Seconds per user of one round."""
    requests = [server.iam("CreateUser", UserName=f"user-{round_number}-{i}") for i in range(USERS)]
    shares = [requests[first::CONNECTIONS] for first in range(CONNECTIONS)]
    connections = [Connection(server.port) for _ in shares]

    def create(connection: Connection, share: list[bytes]) -> None:
        for request in share:
            connection.expect(request)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        start = time.perf_counter()
        list(pool.map(create, connections, shares))
        seconds = time.perf_counter() - start
    for connection in connections:
        connection.close()
    return seconds / USERS


def fsync_seconds(folder: Path) -> float:
    """Median seconds of one append and fsync, as a write that is alone must pay."""
    times = []
    with (folder / "fsync").open("ab", buffering=0) as file:
        for _ in range(FSYNCS):
            start = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure both in turn."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        data = Path(folder)
        with masugata(data / "data") as ours, moto_server() as moto:
            rounds = [(measured(ours, number), measured(moto, number)) for number in range(ROUNDS)]
        disk = fsync_seconds(data)
    own, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    report(
        {"masugata": own, "moto_server": other, "fsync": disk, "ratio": ratio, "limit": LIMIT},
        [
            f"CreateUser, {CONNECTIONS} connections, {ROUNDS} x {USERS} (limit {LIMIT} x moto_server)",
            f"  masugata     {own * 1e3:7.2f} ms a user   durable",
            f"  moto_server  {other * 1e3:7.2f} ms a user   in memory, no checks",
            f"  one fsync    {disk * 1e3:7.2f} ms",
            f"  ratio        {ratio:7.3f}",
        ],
    )


if __name__ == "__main__":
    main()
