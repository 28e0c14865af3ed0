"""Bad input gets AWS's error or a clear one of ours, the process lives, nothing half-written stays."""

import json
import socket
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from e2e.conftest import Server, policy
from policies import allow, deny

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LOOKUP = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents",
}


@pytest.fixture(autouse=True)
def alive_and_unchanged(server: Server) -> Any:
    """After every test the same process answers, and no user has come or gone."""
    assert server.process is not None
    pid = server.process.pid
    iam = server.client("iam")
    before = [user["UserName"] for user in iam.list_users()["Users"]]
    yield
    assert server.process.pid == pid
    assert server.process.poll() is None
    assert [user["UserName"] for user in iam.list_users()["Users"]] == before


def post(server: Server, service: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Send a rightly signed body that no client would make."""
    request = AWSRequest("POST", server.url + "/", data=body, headers=headers)
    SigV4Auth(Credentials(*server.admin()), service, "us-east-1").add_auth(request)
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    try:
        connection.request("POST", "/", body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, b"MissingAction"),
        (b"Action=CreateUser&Version=2010-05-08", 400, b"ValidationError"),
        (b"Action=CreateUser&Version=2010-05-08&UserName=", 400, b"ValidationError"),
        (b"Action=CreateUser&Version=2010-05-08&UserName=" + b"a" * 65, 400, b"ValidationError"),
        (b"Action=CreateUser&Version=2010-05-08&UserName=%ff%fe", 404, b"MalformedQueryString"),
        (b"Action=CreateUser&Version=2010-05-08&UserName=\xff", 404, b"MalformedQueryString"),
        (b"Action=CreateUser&Version=2010-05-08&UserName=a&UserName=b", 404, b"MalformedQueryString"),
        (b"Action=CreateUser&Version=2010-05-08&UserName=a%00b", 400, b"ValidationError"),
        (b"Action=CreateUser&Version=1999-01-01&UserName=a", 400, b"InvalidAction"),
        (b"Action=DropTables&Version=2010-05-08", 400, b"InvalidAction"),
        (b"Action=CreateUser&Version=2010-05-08&UserName=a&Tags.member.999999999.Key=k", 400, b"Error"),
        (b"Action=GetRoleTemplateVersion&Version=2010-05-08", 501, b"NotImplemented"),
    ],
)
def test_query_bodies(server: Server, body: bytes, status: int, code: bytes) -> None:
    """Bad query requests are refused with a code, in XML."""
    answer = post(server, "iam", body, FORM)
    assert answer[0] == status, answer
    assert code in answer[1]
    assert b"<ErrorResponse" in answer[1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"null", "SerializationException"),
        (b'{"MaxResults": "many"}', "SerializationException"),
        (b'{"MaxResults": 1, "MaxResults": 2}', "SerializationException"),
        (b'{"NextToken": "\xff"}', "SerializationException"),
        (b'{"LookupAttributes": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "SerializationException"),
        (b'{"x": ' + b'{"x":' * 10_000 + b"1" + b"}" * 10_000 + b"}", "SerializationException"),
        (b'{"MaxResults": 51}', "ValidationException"),
        (b'{"MaxResults": 1e400}', "SerializationException"),
        (b'{"NextToken": "!"}', "InvalidNextTokenException"),
    ],
)
def test_json_bodies(server: Server, body: bytes, code: str) -> None:
    """Bad JSON requests are refused with a code, in JSON."""
    status, answer = post(server, "cloudtrail", body, LOOKUP)
    assert status == 400
    assert code in json.loads(answer)["__type"], answer


def test_oversized_body(server: Server) -> None:
    """A body over the limit is refused before it is read."""
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert b"RequestEntityTooLarge" in answer.read()
    connection.close()


def test_truncated_body(server: Server) -> None:
    """A client that promises more than it sends gets nothing done."""
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    body = b"Action=CreateUser&Version=2010-05-08&UserName=truncated"
    request = AWSRequest("POST", server.url + "/", data=body, headers=FORM)
    SigV4Auth(Credentials(*server.admin()), "iam", "us-east-1").add_auth(request)
    head = "POST / HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in request.headers.items())
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(
            f"{head}Host: {host}:{port}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:-5]
        )
        client.shutdown(socket.SHUT_WR)
        assert b"200 OK" not in client.recv(65536)


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\x00" * 4096, b"POST / HTTP/9.9\r\n\r\n"]
)
def test_bytes_that_are_not_http(server: Server, garbage: bytes) -> None:
    """Bytes that are no HTTP request end their own connection and nothing else."""
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(garbage)
        client.shutdown(socket.SHUT_WR)
        assert b"200 OK" not in client.recv(65536)


def test_foreign_host(server: Server) -> None:
    """A request for another host is refused: a web page must not reach us by DNS rebinding."""
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", {"Host": "evil.example"})
    assert connection.getresponse().status == 421
    connection.close()


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "[]",
        "null",
        '{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}',
        '{"Version":"2013-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}',
        json.dumps(policy({**allow("*"), "Principal": "*"})),
        json.dumps(policy({**allow("*"), "Colour": "red"})),
        json.dumps(policy(allow("*", StringLooksLike={"aws:username": "x"}))),
        json.dumps(policy(deny("*", StringEquals="x"))),
        json.dumps(policy(allow("*", "not-an-arn"))),
        json.dumps(policy(allow("noservice"))),
        '{"Version":"2012-10-17","Statement":' + "[" * 5000 + "]" * 5000 + "}",
    ],
)
def test_malformed_policies(server: Server, document: str) -> None:
    """A policy that cannot be understood is never stored."""
    iam = server.client("iam")
    with pytest.raises(ClientError) as caught:
        iam.put_user_policy(UserName="admin", PolicyName="bad", PolicyDocument=document)
    assert caught.value.response["Error"]["Code"] in {"MalformedPolicyDocument", "ValidationError"}
    assert iam.list_user_policies(UserName="admin")["PolicyNames"] == []


def test_oversized_policies(server: Server) -> None:
    """A policy over its limit is refused with the quota's name; white space does not count."""
    iam = server.client("iam")
    actions = [f"iam:Get{'x' * 60}{number}" for number in range(200)]
    document = json.dumps(policy(allow(actions)))
    for call in (
        lambda: iam.put_user_policy(UserName="admin", PolicyName="big", PolicyDocument=document),
        lambda: iam.create_policy(PolicyName="big", PolicyDocument=document),
    ):
        with pytest.raises(ClientError) as caught:
            call()
        assert caught.value.response["Error"]["Code"] == "LimitExceeded"
    assert iam.list_policies(Scope="Local")["Policies"] == []
