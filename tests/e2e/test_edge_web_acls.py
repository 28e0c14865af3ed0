"""An edge beside a server: web ACLs that are made through AWS's API decide what it lets through."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from e2e.conftest import Server
from e2e.test_edge_upstreams import free_port
from edge_house import Recorder, until
from edge_processes import EdgeProcess, upstream
from marked_web_acls import HEADER, document, marking, path_rule, visibility

VISIBILITY = visibility("shop")
ATTACK = "/?q=1%27%20UNION%20SELECT%20password%20FROM%20users--"


class Protected:
    """A server with an edge in front of an upstream."""

    def __init__(self, server: Server, recorder: Recorder, port: int, site: str = "shop") -> None:
        self.server = server
        self.site = site
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
        status = orjson.loads((self.server.data / "edge" / "status.json").read_bytes())
        return str(status[self.site]["edge"])

    def samples(self, summary: dict[str, Any], metric: str) -> list[dict[str, Any]]:
        """Of the last hour."""
        now = datetime.now(UTC)
        window = {"StartTime": now - timedelta(hours=1), "EndTime": now}
        answer = self.waf.get_sampled_requests(
            WebAclArn=summary["ARN"], RuleMetricName=metric, Scope="REGIONAL", TimeWindow=window, MaxItems=10
        )
        return list(answer["SampledRequests"])

    def limited(self, summary: dict[str, Any]) -> list[str]:
        """The addresses that the rule `limit` holds back."""
        answer = self.waf.get_rate_based_statement_managed_keys(
            Scope="REGIONAL", WebACLName="shop", WebACLId=summary["Id"], RuleName="limit"
        )
        return list(answer["ManagedKeysIPV4"]["Addresses"])

    def create(self, *rules: dict[str, Any]) -> dict[str, Any]:
        """Make a web ACL and associate it; its summary."""
        summary = self.waf.create_web_acl(
            Name="shop",
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            VisibilityConfig=VISIBILITY,
            Rules=list(rules),
        )["Summary"]
        self.waf.associate_web_acl(WebACLArn=summary["ARN"], ResourceArn=self.arn)
        return dict(summary)

    def update(self, summary: dict[str, Any], *rules: dict[str, Any]) -> None:
        """Other rules for it."""
        named = {"Name": "shop", "Scope": "REGIONAL", "Id": summary["Id"]}
        token = self.waf.get_web_acl(**named)["LockToken"]
        self.waf.update_web_acl(
            **named,
            DefaultAction={"Allow": {}},
            VisibilityConfig=VISIBILITY,
            Rules=list(rules),
            LockToken=token,
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


def blocking(text: bytes) -> dict[str, Any]:
    """A rule that blocks what has this text in its path."""
    return path_rule(text.decode(), 1, text, {"Block": {}})


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
    """Nothing goes through without a web ACL; with one attacks are blocked; updates and its end bind."""
    until(lambda: b"no web ACL is associated" in protected.get("/")[1])
    assert protected.get("/")[0] == 503
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


def test_what_the_edge_tells(protected: Protected) -> None:
    """Samples and limited addresses come back through the API; the log has AWS's form, and is filtered."""
    limit = path_rule("limit", 0, b"/", {"Block": {}})
    limit["Statement"] = {"RateBasedStatement": {"Limit": 10, "AggregateKeyType": "IP"}}
    summary = protected.create(blocking(b"secret"))
    blocked = {"ActionCondition": {"Action": "BLOCK"}}
    keep = {"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": [blocked]}
    protected.waf.put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": summary["ARN"],
            "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-shop"],
            "RedactedFields": [{"SingleHeader": {"Name": "user-agent"}}],
            "LoggingFilter": {"DefaultBehavior": "DROP", "Filters": [keep]},
        }
    )
    log = protected.server.data / "waf-logs" / "aws-waf-logs-shop" / "shop-0.jsonl"
    until(
        lambda: protected.get("/secret?a=1")[0] == 403 and log.exists() and log.read_bytes().endswith(b"\n")
    )
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    request = lines[-1]["httpRequest"]
    assert {line["action"] for line in lines} == {"BLOCK"}
    assert (lines[-1]["terminatingRuleId"], lines[-1]["responseCodeSent"]) == ("secret", 403)
    assert (request["uri"], request["args"]) == ("/secret", "a=1")
    assert {"name": "user-agent", "value": "REDACTED"} in request["headers"]
    until(lambda: protected.samples(summary, "secret"))
    sample = protected.samples(summary, "secret")[0]
    assert (sample["Action"], sample["Request"]["URI"]) == ("BLOCK", "/secret?a=1")
    protected.update(summary, limit)
    until(lambda: protected.get("/")[0] == 403)
    until(lambda: protected.limited(summary) == ["127.0.0.1/32"])


def test_a_web_acl_of_a_file(tmp_path: Path) -> None:
    """It decides; a changed file counts from the next reload on, and one that is no good changes nothing."""
    file = tmp_path / "acl.json"
    file.write_bytes(document(*marking("a")))
    with (
        upstream() as recorder,
        EdgeProcess(f"127.0.0.1:{recorder.port}", "--web-acl", str(file), workers=1) as edge,
    ):
        assert (get(edge, "/secret-a"), get(edge, "/secret-b")) == (403, 200)
        file.write_bytes(document(*marking("b")))
        before = edge.planners
        edge.reload()
        assert edge.planners
        assert not edge.planners & before, "what is installed may have changed"
        assert (get(edge, "/secret-a"), get(edge, "/secret-b")) == (200, 403)
        broken = path_rule("broken", 0, b"x", {"Block": {}})
        broken["Statement"] = {"RegexMatchStatement": broken["Statement"]["ByteMatchStatement"]}
        file.write_bytes(document(broken))
        reload_as_a_worker_dies(edge)
        assert (get(edge, "/secret-a"), get(edge, "/secret-b")) == (200, 403)
        assert {mark for one in recorder.requests for mark in one.header(HEADER)} == {"a", "b"}


def test_what_no_worker_would_take_changes_nothing(tmp_path: Path) -> None:
    """New workers have the plan of before: without one, all would pass where the edge fails open."""
    file = tmp_path / "acl.json"
    file.write_bytes(document(*marking("a")))
    with (
        upstream() as recorder,
        EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open", "--web-acl", str(file), workers=1) as edge,
    ):
        assert get(edge, "/secret-a") == 403
        web_acl = orjson.loads(document(*marking("b")))
        web_acl["WebACL"]["TokenDomains"] = ["co.uk"]
        file.write_bytes(orjson.dumps(web_acl))
        reload_as_a_worker_dies(edge)
        assert (get(edge, "/secret-a"), get(edge, "/secret-b")) == (403, 200)


def reload_as_a_worker_dies(edge: EdgeProcess) -> None:
    """Until another one serves in its place."""
    before = edge.workers
    edge.process.send_signal(signal.SIGHUP)
    os.kill(min(before), signal.SIGKILL)
    until(lambda: edge.workers and edge.workers != before)
    until(lambda: accepts(edge))


def accepts(edge: EdgeProcess) -> bool:
    """Whether requests are answered."""
    try:
        return get(edge, "/") == 200
    except (OSError, EOFError):
        return False


def get(edge: EdgeProcess, target: str) -> int:
    """The status."""
    with edge.connect() as client:
        client.send(b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % target.encode())
        return client.response()[0]


def test_a_file_that_is_no_web_acl(tmp_path: Path) -> None:
    """The edge does not start, and says what is wrong and where."""
    file = tmp_path / "acl.json"
    file.write_bytes(document(path_rule("twice", 0, b"x", {"Block": {}, "Count": {}})))
    command = [sys.executable, "-m", "masugata", "edge", "--web-acl", str(file), "a=127.0.0.1:0=127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "shop/twice" in done.stderr, "exactly one" in done.stderr) == (2, True, True)


def test_the_last_good_plan_outlives_the_store(tmp_path: Path) -> None:
    """An edge whose store cannot be read inspects by what was published last; damaged, it refuses all."""
    data = tmp_path / "data"
    server = Server(data).start()
    with upstream() as recorder:
        try:
            with EdgeProcess(f"127.0.0.1:{recorder.port}", "--data", str(data), workers=1) as edge:
                house = Protected(server, recorder, edge.port, site="site")
                until(lambda: (data / "edge/status.json").exists() and house.arn.startswith("arn:"))
                house.create(*marking("a"))
                until(lambda: get(edge, "/secret-a") == 403)
        finally:
            server.stop()
        (data / "masugata.db").write_bytes(b"no database at all")
        with EdgeProcess(f"127.0.0.1:{recorder.port}", "--data", str(data), workers=1) as edge:
            assert (get(edge, "/secret-a"), get(edge, "/x")) == (403, 200)
        plan = data / "edge" / "site.plan"
        assert plan.stat().st_mode & 0o777 == 0o600
        plan.write_bytes(plan.read_bytes()[:-1] + b"?")
        with EdgeProcess(f"127.0.0.1:{recorder.port}", "--data", str(data), workers=1) as edge:
            assert get(edge, "/x") == 503


def test_damaged_patterns_are_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is damaged in the folder of compiled patterns is as if it were not there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    file = tmp_path / "acl.json"
    file.write_bytes(document(*marking("a")))
    with upstream() as recorder:
        for _ in range(2):
            with EdgeProcess(f"127.0.0.1:{recorder.port}", "--web-acl", str(file), workers=1) as edge:
                assert (get(edge, "/secret-a"), get(edge, "/x")) == (403, 200)
            kept = [one for one in (tmp_path / "masugata/patterns").iterdir() if one.is_file()]
            assert kept
            for one in kept:
                one.write_bytes(one.read_bytes()[:-1] + b"?")
