"""Two edges count together through a real Redis: one limit, and without Redis each its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from edge_house import until
from edge_processes import EdgeProcess, upstream
from marked_web_acls import document, path_rule
from redis_server import RedisServer

LIMIT = 300


def limit(window: int = 600) -> dict[str, Any]:
    """A rule that lets each address through so many times."""
    rule = path_rule("limit", 0, b"/", {"Block": {}})
    rate = {"Limit": LIMIT, "AggregateKeyType": "IP", "EvaluationWindowSec": window}
    rule["Statement"] = {"RateBasedStatement": rate}
    return rule


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """Redis, with a password."""
    running = RedisServer()
    running.start()
    client = redis.Redis.from_url(running.url)
    client.config_set("requirepass", "s3cret")
    client.close()
    yield running
    running.stop()


def ask(edge: EdgeProcess, times: int) -> list[int]:
    """The statuses of so many requests, which come one after the other."""
    found = []
    for _ in range(times):
        with edge.connect() as client:
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            found.append(client.response()[0])
    return found


def asked_until_blocked(edge: EdgeProcess) -> int:
    """How many requests it lets through before it blocks us: up to the limit if it counts alone."""
    through = [0]

    def blocked() -> bool:
        through[0] += 1
        return ask(edge, 1) == [403]

    until(blocked)
    return through[0] - 1


def test_a_limit_is_one_over_several_edges(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one edge counted another knows soon; a Redis that dies loses no request and no count."""
    url = f"redis://:s3cret@127.0.0.1:{server.port}/0"
    web_acl, file = tmp_path / "acl.json", tmp_path / "redis"
    web_acl.write_bytes(document(limit()))
    file.write_text(url + "\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with upstream() as recorder:
        arguments = (f"127.0.0.1:{recorder.port}", "--web-acl", str(web_acl), "--redis-url-file", str(file))
        with EdgeProcess(*arguments, workers=2) as one, EdgeProcess(*arguments, workers=1) as other:
            for edge in (one, other):
                command = Path(f"/proc/{edge.process.pid}/cmdline").read_bytes()
                assert b"s3cret" not in command
            assert ask(one, LIMIT + 1) == [200] * LIMIT + [403]
            assert asked_until_blocked(other) < LIMIT

            server.stop()
            assert set(ask(one, 5)) == {403}
            with EdgeProcess(*arguments, workers=1) as alone:
                assert ask(alone, LIMIT + 1) == [200] * LIMIT + [403]
            assert set(ask(other, 5)) == {403}


def test_shared_again_after_redis_was_away(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was counted while there was no Redis is shared when it is back, also into an edge that is new."""
    client = redis.Redis.from_url(f"redis://:s3cret@127.0.0.1:{server.port}/0")
    client.config_set("requirepass", "")
    client.close()
    web_acl, file = tmp_path / "acl.json", tmp_path / "redis"
    web_acl.write_bytes(document(limit()))
    file.write_text(server.url)
    monkeypatch.setenv("HOME", str(tmp_path))
    server.stop()
    with upstream() as recorder:
        arguments = (f"127.0.0.1:{recorder.port}", "--web-acl", str(web_acl), "--redis-url-file", str(file))
        with EdgeProcess(*arguments, workers=1) as one, EdgeProcess(*arguments, workers=1) as other:
            assert ask(one, LIMIT) == [200] * LIMIT
            server.start()
            assert asked_until_blocked(other) < LIMIT
