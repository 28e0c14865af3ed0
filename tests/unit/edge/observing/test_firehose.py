"""PutRecordBatch: what is sent is what Firehose takes, and what it answers is understood."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from firehose_sink import FirehoseSink, taken
from masugata.edge.observing.delivery import RefusedRecordsError
from masugata.edge.observing.firehose import Firehose
from masugata.edge.observing.log_plan import LogStream
from masugata.errors import MasugataError

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def sink() -> Iterator[FirehoseSink]:
    """A sink."""
    with FirehoseSink() as running:
        yield running


def put(sink: FirehoseSink, *records: bytes, **environ: str) -> list[int]:
    """Send them to it."""
    stream = LogStream(name="aws-waf-logs-x", region="eu-west-1", url=sink.url)
    with closing(Firehose(stream, {"HOME": "/nonexistent", **environ}, lambda: NOW)) as firehose:
        return firehose(records)


def test_a_call(sink: FirehoseSink) -> None:
    """It has AWS's shape, and no signature without credentials."""
    assert put(sink, b'{"a":1}\n', b"\xff") == []
    assert sink.records == {"aws-waf-logs-x": [b'{"a":1}\n', b"\xff"]}
    headers, body = sink.requests[0]
    assert orjson.loads(body) == {
        "DeliveryStreamName": "aws-waf-logs-x",
        "Records": [{"Data": "eyJhIjoxfQo="}, {"Data": "/w=="}],
    }
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert "authorization" not in headers


def test_a_signed_call(sink: FirehoseSink, tmp_path: Path) -> None:
    """The signature is the one that botocore makes, with keys of the environment or of a file."""
    file = tmp_path / "credentials"
    file.write_text("[logs]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = s3cret\n")
    named = {"AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_PROFILE": "logs"}
    given = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cret"}
    for environ in (named, given):
        put(sink, b"a", **environ)
    (headers, body), (others, _) = sink.requests
    signed = {"content-type", "host", "x-amz-date", "x-amz-target"}
    request = AWSRequest("POST", sink.url, {name: headers[name] for name in signed - {"x-amz-date"}}, body)
    auth = SigV4Auth(Credentials("AKIAEXAMPLE", "s3cret"), "firehose", "eu-west-1")
    request.context["timestamp"] = headers["x-amz-date"]
    request.headers["X-Amz-Date"] = headers["x-amz-date"]
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    assert headers["authorization"].endswith(f"Signature={signature}")
    assert others["authorization"] == headers["authorization"]


def test_records_that_are_not_taken(sink: FirehoseSink) -> None:
    """Those of which the answer says so, and no others."""
    sink.answer = lambda records: taken(records, lambda record: record == b"b")
    assert put(sink, b"a", b"b", b"c") == [1]


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        ((400, {"__type": "InvalidArgumentException", "message": "m"}), RefusedRecordsError, "400 Inva"),
        ((413, {}), RefusedRecordsError, "413"),
        ((400, {"__type": "x#ResourceNotFoundException", "message": "m"}), MasugataError, "ResourceNot"),
        ((503, {"__type": "ServiceUnavailableException"}), MasugataError, "503 Serv"),
        ((200, {"FailedPutCount": 1, "RequestResponses": []}), MasugataError, "which records"),
        ((200, {"FailedPutCount": "many"}), MasugataError, "none of PutRecordBatch"),
    ],
)
def test_other_answers(
    sink: FirehoseSink, answer: tuple[int, dict[str, object]], error: type[MasugataError], text: str
) -> None:
    """Only those about the records themselves say that they are not to be sent again."""
    sink.answer = lambda _: answer
    sink._take = lambda *_: answer  # type: ignore[method-assign]  # and nothing is kept
    with pytest.raises(MasugataError, match=text) as raised:
        put(sink, b"a")
    assert type(raised.value) is error


def test_nobody_is_there() -> None:
    """An error that says where, and that the records are to be sent again; no secrets go unencrypted."""
    stream = LogStream(name="aws-waf-logs-x", region="eu-west-1", url="http://127.0.0.1:1")
    with pytest.raises(MasugataError, match="no answer from"):
        Firehose(stream, {"HOME": "/nonexistent"})([b"a"])
    with pytest.raises(MasugataError, match="use https"):
        Firehose(LogStream(name="a", region="eu-west-1", url="http://192.0.2.1"), {})
