"""An installation of 100,000 users beside one of ten: start, memory, and the price of a call.

Every user has an inline policy, a managed one of its team, a tag and an access key. The start is from the
spawn to the first answered call; GetUser asks for another user each time, over one connection, in turn at
both servers.

    python benchmarks/scale.py [--json]
"""

import itertools
import random
import statistics
import tempfile
import time
from pathlib import Path

from _http import Connection, Server, masugata, report, resident_mib, seconds_of
from _installation import build, user_name

FEW, MANY = 10, 100_000
STARTS = 9
ROUNDS = 9
CALLS = 300
START_LIMIT, MEMORY_LIMIT, CALL_LIMIT = 2.0, 1024, 1.5


def started(data: Path) -> tuple[float, float]:
    """Seconds to the first answered call, and MiB resident after it."""
    start = time.perf_counter()
    with masugata(data) as server:
        Connection(server.port).expect(server.iam("GetUser", UserName=user_name(FEW - 1)))
        return time.perf_counter() - start, resident_mib(server.process.pid)


def get_user(server: Server, users: int) -> float:
    """Median seconds of GetUser, each time of another user."""
    chosen = random.Random(users).sample(range(users), min(users, CALLS))  # noqa: S311  # not a secret
    requests = [server.iam("GetUser", UserName=user_name(number)) for number in chosen]
    connection = Connection(server.port)
    calls = itertools.islice(itertools.cycle(requests), CALLS)
    try:
        return statistics.median(seconds_of([lambda r=r: connection.expect(r) for r in calls]))  # type: ignore[misc]
    finally:
        connection.close()


def main() -> None:
    """Build both installations, start them, and call them in turn."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        build(few, FEW)
        build(many, MANY)
        starts = [started(many) for _ in range(STARTS)]
        with masugata(few) as small, masugata(many) as large:
            rounds = [(get_user(large, MANY), get_user(small, FEW)) for _ in range(ROUNDS)]
            memory = resident_mib(large.process.pid)
    start = statistics.median(seconds for seconds, _ in starts)
    own, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    report(
        {
            "users": MANY,
            "start": start,
            "mib": memory,
            "get_user": own,
            "get_user_of_few": other,
            "ratio": ratio,
            "limits": {"start": START_LIMIT, "mib": MEMORY_LIMIT, "ratio": CALL_LIMIT},
        },
        [
            f"{MANY} users with policies and keys, medians",
            f"  start     {start:7.2f} s    spawn to first answered call (limit {START_LIMIT} s)",
            f"  memory    {memory:7.0f} MiB  (limit {MEMORY_LIMIT} MiB)",
            f"  GetUser   {own * 1e6:7.0f} us   {other * 1e6:.0f} us with {FEW} users",
            f"  ratio     {ratio:7.2f}      (limit {CALL_LIMIT})",
        ],
    )


if __name__ == "__main__":
    main()
