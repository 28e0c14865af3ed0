"""Clients that people have: boto3, the AWS CLI, curl, and a plain HTTP client with a presigned URL."""

import json
import shutil
import subprocess
import urllib.request
from http.client import HTTPConnection
from urllib.parse import urlsplit

import boto3
import pytest

from e2e.command_line import CommandLine, environment_of
from e2e.conftest import policy
from policies import allow


@pytest.fixture(scope="module")
def environment(server):
    """The environment of a shell after `eval "$(masugata env)"`, and nothing else of AWS."""
    return environment_of(server)


@pytest.fixture(scope="module")
def aws(environment):
    """Calls the AWS CLI."""
    return CommandLine(environment)


@pytest.fixture
def curl(server):
    """Calls curl with its own SigV4 on a query; gives status and body."""
    program = shutil.which("curl")
    if program is None:
        pytest.skip("NO CURL on this machine")
    if (
        "--aws-sigv4"
        not in subprocess.run([program, "--help", "all"], capture_output=True, text=True, check=True).stdout
    ):
        pytest.skip("CURL WITHOUT --aws-sigv4 on this machine")

    def call(*arguments, key=None, service="sts", path="/"):
        key = key or server.admin()
        command = [program, "--silent", "--show-error", "--noproxy", "*", "--max-time", "20"]
        command += ["--aws-sigv4", f"aws:amz:us-east-1:{service}", "--user", ":".join(key)]
        command += ["--write-out", "\n%{http_code}", *arguments, server.url + path]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    return call


def test_boto3_with_the_variables(server, environment, monkeypatch):
    """A boto3 client that is told nothing finds endpoint, keys and Region in the variables."""
    for name, value in environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    session = boto3.session.Session()
    identity = session.client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{server.account}:user/admin"
    assert session.resource("iam").User("admin").arn == identity["Arn"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-northeast-1", "us-gov-west-1"])
def test_boto3_in_any_region(server, region):
    """The global services take a signature for any Region."""
    assert server.client("iam", region=region).get_user()["User"]["UserName"] == "admin"


def test_boto3_waiters_and_paginators(server):
    """Waiters and paginators, which read errors and markers, work."""
    iam = server.client("iam")
    for number in range(7):
        iam.create_user(UserName=f"page-{number}", Path="/pages/")
    iam.get_waiter("user_exists").wait(UserName="page-6", WaiterConfig={"Delay": 1, "MaxAttempts": 1})
    listing = iam.get_paginator("list_users")
    pages = list(listing.paginate(PathPrefix="/pages/", PaginationConfig={"PageSize": 3}))
    assert len(pages) == 3
    assert sum(len(page["Users"]) for page in pages) == 7
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_user(UserName="nobody")
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName="page-0")


def test_command_line_says_who(aws, server):
    """`aws sts get-caller-identity` is the first thing that anybody types."""
    status, identity, errors = aws("sts", "get-caller-identity")
    assert (status, errors) == (0, "")
    assert identity["Arn"] == f"arn:aws:iam::{server.account}:user/admin"


def test_command_line_changes_and_reads(aws, tmp_path):
    """Policies from files, pagination and look-ups in the event history work from the shell."""
    document = tmp_path / "policy.json"
    document.write_text(json.dumps(policy(allow("iam:ListUsers"))))
    assert aws("iam", "create-user", "--user-name", "cli", "--tags", "Key=team,Value=till")[0] == 0
    put = ("iam", "put-user-policy", "--user-name", "cli", "--policy-name", "p")
    assert aws(*put, "--policy-document", f"file://{document}")[0] == 0
    shown = aws("iam", "get-user-policy", "--user-name", "cli", "--policy-name", "p")[1]
    assert shown["PolicyDocument"]["Statement"][0]["Action"] == "iam:ListUsers"
    listed = aws("iam", "list-users", "--page-size", "2", "--query", "Users[].UserName")[1]
    assert {"admin", "cli"} <= set(listed)
    attribute = "AttributeKey=EventName,AttributeValue=PutUserPolicy"
    events = aws("cloudtrail", "lookup-events", "--lookup-attributes", attribute)[1]["Events"]
    assert events[0]["Username"] == "admin"


def test_command_line_shows_refusals(aws):
    """A refusal reaches the shell in the CLI's own form, with a status that scripts can test."""
    status, _, errors = aws("iam", "get-user", "--user-name", "nobody")
    assert status in (254, 255)
    assert "An error occurred (NoSuchEntity) when calling the GetUser operation" in errors
    status, _, errors = aws("cloudtrail", "list-trails")
    assert status in (254, 255)
    assert "NotImplemented" in errors


def test_curl_get(curl, server):
    """A GET that curl signed itself, query included, is answered."""
    status, body = curl(path="/?Action=GetCallerIdentity&Version=2011-06-15")
    assert status == 200, body
    assert f"<Arn>arn:aws:iam::{server.account}:user/admin</Arn>" in body


def test_curl_post(curl):
    """A form that curl signed itself is answered."""
    status, body = curl("--data", "Action=ListUsers&Version=2010-05-08", service="iam")
    assert status == 200, body
    assert "<UserName>admin</UserName>" in body


def test_curl_with_a_wrong_secret(curl, server):
    """With a wrong secret curl is refused."""
    key = (server.admin().access_key_id, "x" * 40)
    status, body = curl(key=key, path="/?Action=GetCallerIdentity&Version=2011-06-15")
    assert status == 403
    assert "<Code>SignatureDoesNotMatch</Code>" in body


def presigned(server, **more):
    """The path and query of a presigned GetCallerIdentity, as vault and EKS use it."""
    url = server.client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET", **more)
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == server.url
    return f"{parts.path}?{parts.query}"


def fetch(server, target, method="GET", body=None, **headers):
    """Status and body of a plain HTTP request."""
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    try:
        connection.request(method, target, body, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_presigned_url(server):
    """A presigned URL says who signed it, to whoever fetches it with plain HTTP."""
    request = urllib.request.Request(server.url + presigned(server))  # noqa: S310  our own server
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        assert f"<Arn>arn:aws:iam::{server.account}:user/admin</Arn>" in answer.read().decode()
    assert fetch(server, presigned(server, ExpiresIn=604_800))[0] == 200


def test_presigned_url_for_json(server):
    """Who asks for JSON, as Vault does, gets an answer that says the same."""
    status, body = fetch(server, presigned(server), Accept="application/json")
    assert status == 200
    assert f"arn:aws:iam::{server.account}:user/admin" in body


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GetCallerIdentity", "GetSessionToken"),
        ("Version=2011-06-15", "Version=2011-06-15&Extra=1"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=604800"),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
        ("/?", "/x?"),
        ("us-east-1", "us-west-2"),
    ],
)
def test_changed_presigned_url(server, old, new):
    """Whatever is changed in a presigned URL, it opens nothing any more."""
    target = presigned(server)
    assert old in target
    status, body = fetch(server, target.replace(old, new))
    assert 400 <= status < 500
    assert "user/admin" not in body


def test_presigned_url_by_other_means(server):
    """The signature is for a GET without a body to this host: another method or host is refused."""
    target = presigned(server)
    assert fetch(server, target, "POST")[0] == 403
    assert fetch(server, target, "HEAD")[0] in (400, 403)
    assert fetch(server, target, Host="localhost")[0] == 403


def test_presigned_url_of_a_deactivated_key(server):
    """A presigned URL does not outlive the key that signed it."""
    key = server.user("presigner")
    url = server.client("sts", key).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    target = url.removeprefix(server.url)
    assert fetch(server, target)[0] == 200
    server.client("iam").update_access_key(UserName="presigner", AccessKeyId=key[0], Status="Inactive")
    assert fetch(server, target)[0] == 403
