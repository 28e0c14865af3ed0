"""Requests as botocore hands them over, and answers as it reads them."""

import io
import os

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.response import StreamingBody

from masugata.testing import local_aws
from masugata.testing.clients import aws_response, http_request
from masugata.wire import HttpResponse
from unit.testing.world import failure, refused, trusting


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (None, b""),
        ("カフェ", "カフェ".encode()),
        (b"a=b", b"a=b"),
        (bytearray(b"a=b"), b"a=b"),
        (io.BytesIO(b"a=b"), b"a=b"),
        (io.StringIO("é"), "é".encode()),
        ({"a": "b"}, b"a=b"),
    ],
)
def test_bodies(body, expected):
    """Text, bytes, files and forms arrive as the bytes that would have been sent."""
    prepared = AWSRequest("POST", "https://iam.amazonaws.com/", data=body).prepare()
    assert http_request(prepared, "192.0.2.1").body == expected


@pytest.mark.parametrize(
    ("url", "host", "path", "query", "secure"),
    [
        ("https://iam.amazonaws.com", "iam.amazonaws.com", "/", "", True),
        ("https://a.example:443/x%20y?b=%2F&a", "a.example", "/x%20y", "b=%2F&a", True),
        ("http://a.example:80/", "a.example", "/", "", False),
        ("http://a.example:443/", "a.example:443", "/", "", False),
        ("http://user:pw@[::1]:4566/p", "[::1]:4566", "/p", "", False),
    ],
)
def test_urls(url, host, path, query, secure):
    """A URL is a host as signed, a path and a query as they would stand on the request line."""
    http = http_request(AWSRequest("GET", url).prepare(), "192.0.2.1")
    assert (http.header("host"), http.path, http.query, http.secure) == (host, path, query, secure)
    assert http.source_ip == "192.0.2.1"


def test_headers():
    """Names are lower case, values text, and there is one host."""
    request = AWSRequest(
        "GET", "https://a.example/", headers={"X-Text": "1", "X-Bytes": b"\xe9", "Host": "b"}
    )
    headers = http_request(request.prepare(), "192.0.2.1").headers
    assert dict(headers) == {"host": "a.example", "x-text": "1", "x-bytes": "é"}
    assert len(headers) == 3


def test_answers():
    """An answer can be read whole, or as a stream, and has its length."""
    answer = HttpResponse(status=201, headers=(("X-Amzn-RequestId", "1"),), body=b"abcdef")
    whole, stream = (aws_response("https://a.example/", answer) for _ in range(2))
    assert (whole.status_code, whole.content, whole.text) == (201, b"abcdef", "abcdef")
    assert (whole.headers["x-amzn-requestid"], whole.headers["Content-Length"]) == ("1", "6")
    body = StreamingBody(stream.raw, stream.headers["content-length"])
    assert [body.read(4), body.read(), body.read()] == [b"abcd", b"ef", b""]
    pieces = StreamingBody(aws_response("https://a.example/", answer).raw, 6)
    assert list(pieces.iter_chunks(4)) == [b"abcd", b"ef"]
    pieces.close()


def test_uploads_and_downloads():
    """Operations with streams fail as those without: their service is not served."""
    with local_aws():
        session = botocore.session.get_session()
        s3 = session.create_client("s3")
        upload = failure(s3.put_object, Bucket="menu", Key="k", Body=io.BytesIO(os.urandom(70_000)))
        download = failure(s3.get_object, Bucket="menu", Key="k")
    for error in (upload, download):
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_unsigned_calls():
    """A call without a signature is refused: enforcement is on."""
    with local_aws() as aws:
        client = botocore.session.get_session().create_client(
            "iam", config=Config(signature_version=UNSIGNED)
        )
        assert refused(client.list_users)[0] == "MissingAuthenticationToken"
        assert aws.events() == []


def test_assume_role_profiles(tmp_path, monkeypatch):
    """Botocore's own AssumeRole, from a profile of the test's, works inside."""
    with local_aws() as aws:
        iam = aws.client("iam")
        trust = trusting(aws.id)
        arn = iam.create_role(RoleName="Cashier", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        config = tmp_path / "config"
        config.write_text(f"[profile till]\nrole_arn = {arn}\ncredential_source = Environment\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
        till = botocore.session.Session(profile="till").create_client("sts")
        assert ":assumed-role/Cashier/botocore-session-" in till.get_caller_identity()["Arn"]
        assert [event["eventName"] for event in aws.events("AssumeRole")] == ["AssumeRole"]
