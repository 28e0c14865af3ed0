"""CPU microseconds of counting a request and of judging a token, beside what cannot be had for less.

Counting is in memory that processes share, under a lock; beside it one INCR to a Redis on loopback, as rates
are often counted (where there is a redis-server; wall time, which a request would wait). Judging a token is
beside the one HMAC in it. Medians over all rounds; both take turns.

    python benchmarks/waf_rates.py [--json]
"""

import hmac
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import redis

from masugata.edge.challenge import TokenSecret, WafTokens
from masugata.edge.challenge.tokens import Token, seal
from masugata.edge.rates import SharedRates

ROUNDS, CALLS = 15, 2_000
RULE = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/1/flood"
NOW = 1_795_000_000


def microseconds(call: Callable[[int], object], clock: Callable[[], int] = time.thread_time_ns) -> float:
    """Of one call."""
    start = clock()
    for number in range(CALLS):
        call(number)
    return (clock() - start) / CALLS / 1000


def counting(rates: SharedRates) -> dict[str, Callable[[int], object]]:
    """One busy client, many that are tracked, and more than are."""
    few = [b"10.%d.%d.1" % divmod(number, 256) for number in range(9_000)]
    many = [b"10.%d.%d.2" % divmod(number, 256) for number in range(60_000)]
    turn = iter(range(1 << 60))
    return {
        "count, one key": lambda _: rates.count(RULE, b"192.0.2.1", 300, 100),
        "count, 9,000 keys": lambda _: rates.count(RULE + "2", few[next(turn) % 9_000], 300, 100),
        "count, 60,000 keys": lambda _: rates.count(RULE + "3", many[next(turn) % 60_000], 300, 100),
    }


def tokens() -> dict[str, Callable[[int], object]]:
    """A genuine token, and one that is not."""
    secret = TokenSecret(bytes(32))
    judge = WafTokens(secret, (), lambda: NOW)
    genuine = seal(Token(b"c" * 16, "shop.example", NOW, NOW, NOW), secret).encode()
    forged = seal(Token(b"c" * 16, "shop.example", NOW, NOW, NOW), TokenSecret(b"1" * 32)).encode()
    return {
        "token, valid": lambda _: judge.state(genuine, "CHALLENGE", 300, b"shop.example"),
        "token, forged": lambda _: judge.state(forged, "CHALLENGE", 300, b"shop.example"),
    }


def redis_client(stack: ExitStack) -> "redis.Redis | None":
    """A server for this run, if there is the program."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        tempfile.gettempdir(),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    stack.callback(server.wait)
    stack.callback(server.kill)
    client = redis.Redis(port=port)
    for _ in range(1_000):
        with suppress(redis.ConnectionError):
            client.ping()
            return client
    return None


def main() -> None:
    """Measure, print."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm"))
        message, key = bytes(50), bytes(32)
        calls = counting(SharedRates(Path(directory))) | tokens()
        calls["HMAC-SHA-256 alone"] = lambda _: hmac.digest(key, message, "sha256")
        found: dict[str, list[float]] = {name: [] for name in calls}
        client = redis_client(stack)
        waits: list[float] = []
        for _ in range(ROUNDS):
            for name, call in calls.items():
                found[name].append(microseconds(call))
            if client is not None:
                waits.append(microseconds(lambda _: client.incr("count"), time.perf_counter_ns))
    medians = {name: statistics.median(values) for name, values in found.items()}
    if waits:
        medians["Redis INCR (wall)"] = statistics.median(waits)
    if "--json" in sys.argv:
        print(json.dumps(medians))
        return
    for name, value in medians.items():
        beside = (
            medians["HMAC-SHA-256 alone"] if name.startswith("token") else medians.get("Redis INCR (wall)", 0)
        )
        print(f"{name:20} {value:8.2f} us" + (f"   {value / beside:8.3f}x" if beside else ""))


if __name__ == "__main__":
    main()
