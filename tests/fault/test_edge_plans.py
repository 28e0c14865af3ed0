"""Web ACLs that change under load: every request is inspected by one of them, none is lost or doubled."""

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from e2e.conftest import Server
from edge_house import Recorder, until
from edge_processes import EdgeProcess, Load, upstream
from marked_web_acls import HEADER, marking, visibility

REQUESTS = int(os.environ.get("MASUGATA_TEST_PLAN_REQUESTS", "20000"))
ROUND = 2_000


class Installation:
    """A server with a web ACL that is associated with the edge of `site`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.waf = server.client("wafv2")
        self.named: dict[str, Any] = {}

    def associate(self, mark: str) -> None:
        """Make the web ACL."""
        status = self.server.data / "edge" / "status.json"
        until(lambda: status.exists() and b"arn:" in status.read_bytes())
        edge = msgspec.json.decode(status.read_bytes())["site"]["edge"]
        made = self.waf.create_web_acl(
            Name="shop",
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            VisibilityConfig=visibility("shop"),
            Rules=marking(mark),
        )["Summary"]
        self.named = {"Name": "shop", "Scope": "REGIONAL", "Id": made["Id"]}
        self.waf.associate_web_acl(WebACLArn=made["ARN"], ResourceArn=edge)

    def update(self, mark: str) -> None:
        """Let it leave another mark."""
        token = self.waf.get_web_acl(**self.named)["LockToken"]
        self.waf.update_web_acl(
            **self.named,
            DefaultAction={"Allow": {}},
            VisibilityConfig=visibility("shop"),
            Rules=marking(mark),
            LockToken=token,
        )


@contextmanager
def installation(data: Path) -> Iterator[Installation]:
    """A server."""
    server = Server(data).start()
    try:
        yield Installation(server)
    finally:
        server.stop()


def marks(recorder: Recorder) -> tuple[list[str], list[str]]:
    """The marks of all requests that came since the last call, and their targets."""
    count = len(recorder.requests)
    came = recorder.requests[:count]
    del recorder.requests[:count]
    assert all(len(request.header(HEADER)) == 1 for request in came), "a request that nobody inspected"
    return [request.header(HEADER)[0] for request in came], [request.target for request in came]


@pytest.mark.nightly
def test_every_request_is_inspected_once(tmp_path: Path) -> None:
    """Over updates of the web ACL, reloads, killed workers and a killed planner."""
    choose, rounds, kills = random.Random(11), max(6, REQUESTS // ROUND), 0
    came: Counter[str] = Counter()
    with (
        upstream() as recorder,
        installation(tmp_path / "data") as here,
        EdgeProcess(f"127.0.0.1:{recorder.port}", "--data", str(tmp_path / "data")) as edge,
    ):
        here.associate("0")
        until(lambda: accepted(edge))
        marks(recorder)
        with Load(edge.port) as load:
            for number in range(1, rounds + 1):
                load.wait_for(REQUESTS // rounds)
                kind = ("update", "kill", "reload", "planner")[
                    number % 4 if number < 5 else choose.randrange(4)
                ]
                if kind == "update":
                    here.update(str(number))
                    until(lambda mark=str(number): seen(recorder, came, mark))
                elif kind == "kill":
                    before = edge.workers
                    os.kill(min(before), signal.SIGKILL)
                    kills += 1
                    until(lambda before=before: not edge.workers >= before and len(edge.workers) >= 2)
                elif kind == "planner":
                    before = edge.planners
                    os.kill(min(before), signal.SIGKILL)
                    until(lambda before=before: edge.planners and edge.planners != before)
                else:
                    lost = len(load.lost)
                    edge.reload()
                    assert len(load.lost) == lost
                came.update(marks(recorder)[1])
        came.update(marks(recorder)[1])
        assert set(came.values()) == {1}
        assert set(load.answered) <= set(came)
        assert len(load.lost) <= 2 * load.clients * kills


def accepted(edge: EdgeProcess) -> bool:
    """Whether a request gets through."""
    with edge.connect() as client:
        client.send(b"GET /first HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return client.response()[0] == 200


def seen(recorder: Recorder, came: Counter[str], mark: str) -> bool:
    """Whether a request came with this mark."""
    found, targets = marks(recorder)
    came.update(targets)
    return mark in found
