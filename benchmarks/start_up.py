"""Spawn to first answered call, and memory when idle, side by side with moto_server.

Both servers are started in turn on a port of their own; the clock runs from the spawn to the last
byte of the first `200` for a signed sts:GetCallerIdentity. masugata starts on a warm data directory
(it has been started once before), verifies the signature and keeps what it is told; moto does
neither. masugata is two processes, the one that answers and the keeper, and the answer has needed both; their
memory is told apart. Prints seconds, MiB and ratios; medians of ROUNDS rounds.

    python benchmarks/start_up.py [--json]
"""

import statistics
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from _http import free_port, peer, report, resident_mib, tree
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from masugata.server import read_credentials

ROUNDS = 11
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


def children_mib(pid: int) -> float:
    """Resident memory of what a process has started, in MiB."""
    return sum(resident_mib(child) for child in tree(pid)[1:])


def first_call(command: list[str], port: int, key: tuple[str, str]) -> tuple[float, float, float]:
    """Seconds from spawn to the first answer, and MiB resident afterwards: of it, and of its children."""
    request = AWSRequest("POST", f"http://127.0.0.1:{port}/", data=BODY)
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"
    SigV4Auth(Credentials(*key), "sts", "us-east-1").add_auth(request)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request("POST", "/", BODY, dict(request.headers))
                answer = connection.getresponse()
                content = answer.read()
            except ConnectionError:
                time.sleep(0.002)
                continue
            finally:
                connection.close()
            if answer.status != 200:
                raise RuntimeError(f"{command[0]} answered {answer.status}: {content[:300]!r}")
            seconds = time.perf_counter() - start
            return seconds, resident_mib(process.pid), children_mib(process.pid)
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Measure both in turn and print medians and ratios."""
    moto = peer("moto") / "bin/moto_server"
    rows: dict[str, list[tuple[float, float, float]]] = {"masugata": [], "moto_server": []}
    with tempfile.TemporaryDirectory() as data:
        up = [str(Path(sys.executable).with_name("masugata")), "up", "--data", data, "--port"]
        port = free_port()
        warm = subprocess.Popen([*up, str(port)], stdout=subprocess.PIPE)
        if warm.stdout is not None:
            warm.stdout.readline()
            warm.stdout.close()
        warm.terminate()
        warm.wait()
        key = read_credentials(Path(data) / "credentials", "admin")
        for _ in range(ROUNDS):
            port = free_port()
            rows["masugata"].append(first_call([*up, str(port)], port, key))
            port = free_port()
            command = [str(moto), "-H", "127.0.0.1", "-p", str(port)]
            rows["moto_server"].append(first_call(command, port, key))
    seconds = {name: statistics.median(s for s, _, _ in row) for name, row in rows.items()}
    memory = {name: statistics.median(m for _, m, _ in row) for name, row in rows.items()}
    children = {name: statistics.median(m for _, _, m in row) for name, row in rows.items()}
    ratio = statistics.median(
        a / b for (a, _, _), (b, _, _) in zip(rows["masugata"], rows["moto_server"], strict=True)
    )
    report(
        {"seconds": seconds, "mib": memory, "children_mib": children, "ratio": ratio, "rounds": ROUNDS},
        [
            f"spawn to first answered call, median of {ROUNDS} (limit 0.4 s, 80 + 40 MiB, 1.0 x moto)",
            *(
                f"  {name:12} {seconds[name]:.3f} s   {memory[name]:6.1f} + {children[name]:.1f} MiB resident"
                for name in rows
            ),
            f"  ratio        {ratio:.2f}",
        ],
    )


if __name__ == "__main__":
    main()
