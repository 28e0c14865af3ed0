"""Our client against a gateway and a real server: it signs, sends and reads what boto3 would."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from masugata.client import Client, HttpTransport, Keys
from masugata.client.answers import UnreadableAnswerError, decoded
from masugata.client.requests import encoded
from masugata.client.signing import signed
from masugata.errors import AwsError, MasugataError
from masugata.testing.clock import Clock
from masugata.testing.installation import Installation
from masugata.wire import HttpResponse, codec, load_service

KEYS = Keys("AKIAEXAMPLE", "secret", "token")


def now():
    return datetime.now(UTC)


@pytest.fixture
def client():
    """A client of the administrator of an installation in memory."""
    installation = Installation(Clock())
    account = installation.open_account("111122223333")
    keys = Keys(*installation.administrator(account))
    return Client(
        lambda request: installation.gateway.dispatch(request).result(), keys, clock=now, host="localhost"
    )


def test_calls_of_both_protocols(client):
    """A query service and a json one answer; lists, structures and any script arrive."""
    tags = [{"Key": "店", "Value": "東京 / 大阪+"}, {"Key": "b", "Value": ""}]
    made = client.call("iam", "CreateUser", UserName="alice", Path="/a_b/", Tags=tags)
    assert made["User"]["Tags"] == tags
    assert client.call("iam", "GetUser", UserName="alice")["User"]["Path"] == "/a_b/"
    organization = client.call("organizations", "CreateOrganization", FeatureSet="ALL")["Organization"]
    assert client.call("organizations", "DescribeOrganization")["Organization"]["Id"] == organization["Id"]
    assert client.call("iam", "DeleteUser", UserName="alice") == {}


def test_all_pages(client):
    """A listing goes on as long as the answers say, by Marker and by NextToken."""
    names = [f"u{n:03}" for n in range(7)]
    for name in names:
        client.call("iam", "CreateUser", UserName=name)
    listed = client.listed("iam", "ListUsers", "Users", MaxItems=2)
    assert [user["UserName"] for user in listed] == ["admin", *names]
    client.call("organizations", "CreateOrganization")
    root = client.call("organizations", "ListRoots")["Roots"][0]["Id"]
    for name in names:
        client.call("organizations", "CreateOrganizationalUnit", ParentId=root, Name=name)
    units = client.listed(
        "organizations",
        "ListOrganizationalUnitsForParent",
        "OrganizationalUnits",
        ParentId=root,
        MaxResults=3,
    )
    assert sorted(unit["Name"] for unit in units) == names


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code", "text"),
    [
        ("iam", "GetUser", {"UserName": "nobody"}, "NoSuchEntity", "nobody"),
        ("organizations", "DescribeOrganization", {}, "AWSOrganizationsNotInUseException", "not a member"),
    ],
)
def test_errors_are_data(client, service, operation, request_, code, text):
    """An error of either protocol has its code and message."""
    with pytest.raises(AwsError, match=text) as refused:
        client.call(service, operation, **request_)
    assert refused.value.code == code


def test_what_an_operation_does_not_have(client):
    """A parameter that would not be sent is a mistake, and nothing is sent."""
    with pytest.raises(ValueError, match="`GetUser` takes no `Nope`"):
        client.call("iam", "GetUser", Nope=1)
    with pytest.raises(ValueError, match="cannot be sent"):
        client.call("iam", "GetUser", UserName=b"bytes")


def test_the_signature_is_botocores():
    """For the same request, keys and moment botocore signs the same."""
    model = load_service("iam")
    request = encoded(model, "CreateUser", {"UserName": "ä b"}, "localhost:4566")
    ours = signed(request, KEYS, service="iam", region="us-east-1", now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    theirs = botocore.awsrequest.AWSRequest(
        "POST", "http://localhost:4566/", dict(request.headers), request.body
    )
    auth = botocore.auth.SigV4Auth(botocore.credentials.Credentials(*KEYS), "iam", "us-east-1")
    theirs.context["timestamp"] = "20260301T120000Z"
    theirs.headers["X-Amz-Date"] = "20260301T120000Z"
    theirs.headers["X-Amz-Security-Token"] = KEYS.session_token
    canonical = auth.canonical_request(theirs)
    signature = auth.signature(auth.string_to_sign(theirs, canonical), theirs)
    assert (ours.header("authorization") or "").endswith(f"Signature={signature}")


@pytest.mark.parametrize("value", [[], ["a"], ["a", "b" * 300]])
def test_lists_arrive_as_they_were(value):
    """What is encoded is what the server's own codec reads, empty lists included."""
    model = load_service("iam")
    request = encoded(model, "GetAccountAuthorizationDetails", {"Filter": ["User"] * len(value)}, "h")
    read = codec("iam", "GetAccountAuthorizationDetails", "query").parse(request)
    assert read.get("Filter", []) == ["User"] * len(value)


@pytest.mark.parametrize(
    ("service", "status", "body"),
    [
        ("iam", 200, b"<html>"),
        ("iam", 200, b"<html><body>welcome</body></html>"),
        ("iam", 502, b"bad gateway"),
        ("iam", 500, b"<Response/>"),
        ("organizations", 200, b"[]"),
        ("organizations", 200, b"<html>"),
        ("organizations", 502, b'{"error": "bad gateway"}'),
    ],
)
def test_an_answer_that_is_none(service, status, body):
    """What does not speak the protocol is said to, whatever it is."""
    model = load_service(service)
    operation = "GetUser" if service == "iam" else "DescribeOrganization"
    with pytest.raises(UnreadableAnswerError):
        decoded(model, operation, HttpResponse(status=status, body=body))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.seen.append((self.client_address, self.headers["host"], body))
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        """Say nothing."""


def test_over_http_on_one_connection():
    """Several calls share a connection, and a server that has gone is said to be."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    transport = HttpTransport(f"http://127.0.0.1:{server.server_port}")
    client = Client(transport, KEYS, clock=now, host=transport.host)
    for _ in range(3):
        assert client.call("organizations", "DescribeOrganization") == {}
    transport.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert len({address for address, _, _ in server.seen}) == 1
    assert {host for _, host, _ in server.seen} == {f"127.0.0.1:{server.server_port}"}
    with pytest.raises(MasugataError, match="no answer from http://127"):
        client.call("organizations", "DescribeOrganization")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("ftp://localhost", "is not the URL of a server"),
        ("http://localhost:x", "is not the URL of a server"),
        ("http://localhost/path", "is not the URL of a server"),
        ("https://me:hush@localhost", "has no user name and no password: requests are signed$"),
        ("http://masugata.example", "would be sent secrets unencrypted"),
    ],
)
def test_urls_that_will_not_do(url, text):
    """Secrets go beyond this machine only by TLS."""
    with pytest.raises(MasugataError, match=text):
        HttpTransport(url)


def test_a_host_that_no_name_server_has():
    """A label that is empty or too long is no crash."""
    transport = HttpTransport("https://a..example")
    with pytest.raises(MasugataError, match=r"no answer from https://a\.\.example"):
        Client(transport, KEYS, clock=now, host=transport.host).call("iam", "GetUser")


def test_an_authority_that_is_not_there():
    """The file of certificates is named."""
    with pytest.raises(MasugataError, match=r"cannot use the authority `nope\.pem`"):
        HttpTransport("https://localhost", "nope.pem")
