"""iam:GetUser on one connection, side by side with moto_server.

masugata verifies the signature, evaluates the policies, and keeps the event; moto_server runs with its checks
off, as it does by default, and closes every connection, which its clients pay for. ROUNDS rounds in turn of
CALLS calls each, the same signed request over and over. Prints microseconds and the ratio of the medians.

    python benchmarks/get_user.py [--json]
"""

import statistics
import tempfile
from pathlib import Path

from _http import Connection, Server, masugata, moto_server, report, seconds_of

ROUNDS = 7
CALLS = 400
LIMIT = 0.3


def measured(server: Server) -> float:
    """Median seconds of one round."""
    connection = Connection(server.port)
    request = server.iam("GetUser", UserName="hanako")
    try:
        return statistics.median(seconds_of([lambda: connection.expect(request)] * CALLS))
    finally:
        connection.close()


def main() -> None:
    """Measure both in turn."""
    with tempfile.TemporaryDirectory() as data, masugata(Path(data) / "data") as ours, moto_server() as moto:
        for server in (ours, moto):
            Connection(server.port).expect(server.iam("CreateUser", UserName="hanako"))
            measured(server)  # warm
        rounds = [(measured(ours), measured(moto)) for _ in range(ROUNDS)]
    own, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    report(
        {"masugata": own, "moto_server": other, "ratio": ratio, "limit": LIMIT},
        [
            f"GetUser on one connection, median of {ROUNDS} x {CALLS} (limit {LIMIT} x moto_server)",
            f"  masugata     {own * 1e6:8.0f} us   signature, policies, event",
            f"  moto_server  {other * 1e6:8.0f} us   no checks",
            f"  ratio        {ratio:8.3f}",
        ],
    )


if __name__ == "__main__":
    main()
