"""An edge beside a server: web ACLs that are made through AWS's API decide what it lets through."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import Server
from edge_house import Recorder, until
from edge_processes import upstream
from e2e.test_edge_upstreams import free_port

VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "shop"}
ATTACK = "/?q=1%27%20UNION%20SELECT%20password%20FROM%20users--"


class Protected:
    """A server with an edge in front of an upstream."""

    def __init__(self, server: Server, recorder: Recorder, port: int) -> None:
        self.server = server
        self.recorder = recorder
        self.port = port
        self.waf = server.client("wafv2")

    def get(self, target: str) -> tuple[int, bytes]:
        """Status and body."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{target}", timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    @property
    def arn(self) -> str:
        """That of the edge."""
        import orjson

        status = orjson.loads((self.server.data / "edge" / "status.json").read_bytes())
        return str(status["shop"]["edge"])

    def create(self, *rules: dict[str, Any]) -> dict[str, Any]:
        """Make a web ACL and associate it; its summary."""
        summary = self.waf.create_web_acl(
            Name="shop", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=VISIBILITY, Rules=list(rules)
        )["Summary"]
        self.waf.associate_web_acl(WebACLArn=summary["ARN"], ResourceArn=self.arn)
        return dict(summary)

    def update(self, summary: dict[str, Any], *rules: dict[str, Any]) -> None:
        """Other rules for it."""
        named = {"Name": "shop", "Scope": "REGIONAL", "Id": summary["Id"]}
        token = self.waf.get_web_acl(**named)["LockToken"]
        self.waf.update_web_acl(
            **named, DefaultAction={"Allow": {}}, VisibilityConfig=VISIBILITY, Rules=list(rules), LockToken=token
        )


def group(name: str, priority: int = 0) -> dict[str, Any]:
    """A rule for a managed rule group."""
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
        "OverrideAction": {"None": {}},
        "VisibilityConfig": VISIBILITY,
    }


def blocking(text: bytes, priority: int = 1) -> dict[str, Any]:
    """A rule that blocks what has this text in its path."""
    match = {
        "SearchString": text,
        "FieldToMatch": {"UriPath": {}},
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
        "PositionalConstraint": "CONTAINS",
    }
    return {
        "Name": text.decode(),
        "Priority": priority,
        "Statement": {"ByteMatchStatement": match},
        "Action": {"Block": {}},
        "VisibilityConfig": VISIBILITY,
    }


@pytest.fixture
def protected(tmp_path: Path) -> Iterator[Protected]:
    """A server with an edge of one worker."""
    port = free_port()
    with upstream() as recorder:
        server = Server(tmp_path / "data", ("--edge", f"shop=127.0.0.1:{port}=127.0.0.1:{recorder.port}"))
        server.start()
        try:
            house = Protected(server, recorder, port)
            until(lambda: (tmp_path / "data/edge/status.json").exists() and house.arn.startswith("arn:"))
            yield house
        finally:
            server.stop()


def test_the_web_acl_that_is_associated_decides(protected: Protected) -> None:
    """Nothing goes through without a web ACL; with one, attacks are blocked; updates and its end bind at once."""
    status, body = protected.get("/")
    assert (status, b"no web ACL is associated" in body) == (503, True)
    summary = protected.create(group("AWSManagedRulesSQLiRuleSet"), blocking(b"secret"))
    until(lambda: protected.get("/")[0] == 200)
    assert protected.get(ATTACK)[0] == 403
    assert protected.get("/secret")[0] == 403
    assert protected.get("/?q=O%27Brien")[0] == 200
    protected.update(summary, blocking(b"hidden"))
    until(lambda: protected.get("/hidden")[0] == 403)
    assert protected.get("/secret")[0] == 200
    protected.waf.disassociate_web_acl(ResourceArn=protected.arn)
    until(lambda: protected.get("/")[0] == 503)
    assert ATTACK not in [request.target for request in protected.recorder.requests]
