"""Logs of an edge that go to a delivery stream over HTTP, whatever becomes of the other side."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from e2e.conftest import Server
from e2e.test_edge_upstreams import free_port
from e2e.test_edge_web_acls import Protected, blocking
from edge_house import until
from edge_processes import upstream
from firehose_sink import FirehoseSink

STREAM = "aws-waf-logs-shop"
DESTINATION = f"arn:aws:firehose:us-east-1:111122223333:deliverystream/{STREAM}"


@contextmanager
def logged(data: Path, sink: FirehoseSink) -> Iterator[Protected]:
    """A server with an edge whose blocked requests are logged, without User-Agent, to the sink."""
    port = free_port()
    environment = {"MASUGATA_LOG_SINKS": f"{STREAM}={sink.url}", "HOME": str(data.parent)}
    with upstream() as recorder:
        site = f"shop=127.0.0.1:{port}=127.0.0.1:{recorder.port}"
        server = Server(data, ("--edge", site), environment).start()
        try:
            house = Protected(server, recorder, port)
            until(lambda: (data / "edge/status.json").exists() and house.arn.startswith("arn:"))
            summary = house.create(blocking(b"secret"))
            keep = {
                "Behavior": "KEEP",
                "Requirement": "MEETS_ANY",
                "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}],
            }
            house.waf.put_logging_configuration(
                LoggingConfiguration={
                    "ResourceArn": summary["ARN"],
                    "LogDestinationConfigs": [DESTINATION],
                    "RedactedFields": [{"SingleHeader": {"Name": "user-agent"}}],
                    "LoggingFilter": {"DefaultBehavior": "DROP", "Filters": [keep]},
                }
            )
            yield house
        finally:
            server.stop()


def uris(sink: FirehoseSink) -> list[str]:
    """Of all records that came."""
    return [orjson.loads(record)["httpRequest"]["uri"] for record in sink.records.get(STREAM, [])]


def test_a_log_goes_to_a_stream(tmp_path: Path) -> None:
    """Records come filtered and redacted as in files, and what was not taken comes again, in order."""
    with FirehoseSink() as sink, logged(tmp_path / "data", sink) as house:
        until(lambda: house.get("/secret/first")[0] == 403 and uris(sink))
        record: dict[str, Any] = orjson.loads(sink.records[STREAM][-1])
        assert (record["action"], record["terminatingRuleId"]) == ("BLOCK", "secret")
        assert {"name": "user-agent", "value": "REDACTED"} in record["httpRequest"]["headers"]
        assert sink.records[STREAM][-1].endswith(b"\n")
        assert not (house.server.data / "waf-logs").exists()

        refusing = [True]
        sink.answer = lambda _: (503, {"__type": "ServiceUnavailableException"}) if refusing else None
        asked = len(sink.requests)
        assert house.get("/harmless")[0] == 200
        assert [house.get(f"/secret/{number}")[0] for number in range(20)] == [403] * 20
        until(lambda: len(sink.requests) > asked + 1)
        assert "/secret/0" not in uris(sink)
        refusing.clear()
        sink.answer = lambda _: None
        until(lambda: "/secret/19" in uris(sink))
        assert [uri for uri in uris(sink) if uri != "/secret/first"] == [f"/secret/{n}" for n in range(20)]


def test_what_waits_is_sent_at_the_end(tmp_path: Path) -> None:
    """A stop loses no record that the stream takes."""
    with FirehoseSink() as sink:
        with logged(tmp_path / "data", sink) as house:
            until(lambda: house.get("/secret")[0] == 403)
            until(lambda: house.get("/secret/logged")[0] == 403 and uris(sink))
            assert [house.get(f"/secret/{number}")[0] for number in range(5)] == [403] * 5
        assert uris(sink)[-5:] == [f"/secret/{number}" for number in range(5)]
