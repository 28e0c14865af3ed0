"""Requests that seem to be something else than was signed: each is refused."""

from pathlib import Path

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from masugata.records.iam import USER
from masugata.server import Credentials
from masugata.wire import HttpRequest
from policies import allow
from support import ACCOUNT, House
from unit.gateway.people import ALL, role, user

BODY = b"Action=CreateUser&Version=2010-05-08&UserName=eve"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def signed(
    key: Credentials,
    body: bytes,
    *,
    service: str = "iam",
    headers: dict[str, str] | None = None,
    query: str = "",
) -> HttpRequest:
    """A request signed by botocore."""
    url = f"http://localhost:4566/{'?' + query if query else ''}"
    request = botocore.awsrequest.AWSRequest("POST", url, data=body, headers=headers or {})
    credentials = botocore.credentials.Credentials(key[0], key[1])
    botocore.auth.SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    sent = [("host", "localhost:4566"), *((n.lower(), v) for n, v in request.headers.items())]
    return HttpRequest(method="POST", path="/", query=query, headers=tuple(sent), body=body)


def presigned(key: Credentials, query: str, *, service: str = "iam", seconds: int = 60) -> HttpRequest:
    """A request signed in its query string."""
    request = botocore.awsrequest.AWSRequest("GET", f"http://localhost:4566/?{query}")
    credentials = botocore.credentials.Credentials(key[0], key[1])
    botocore.auth.SigV4QueryAuth(credentials, service, "us-east-1", expires=seconds).add_auth(request)
    assert request.url is not None
    return HttpRequest(
        method="GET",
        path="/",
        query=request.url.partition("?")[2],
        headers=(("host", "localhost:4566"),),
    )


def status(house: House, request: HttpRequest) -> int:
    """The HTTP status of the answer, and no user eve if it is no success."""
    answer = house.send(request)
    made = house.store.snapshot().get(USER, ACCOUNT, "eve") is not None
    assert made == (answer.status == 200)
    return answer.status


def test_presigned_call_is_judged_like_any(house: House) -> None:
    """A presigned call has its signer's permissions."""
    query = BODY.decode()
    nobody = user(house, "bob")
    assert status(house, presigned(nobody, query)) == 403
    assert status(house, presigned(house.admin, query)) == 200


def test_presigned_call_cannot_be_changed(house: House) -> None:
    """Neither another parameter, nor a body, nor a longer life passes the signature."""
    request = presigned(house.admin, "Action=GetUser&Version=2010-05-08&UserName=admin")
    assert house.send(request).status == 200
    for changed in (
        request.query.replace("GetUser", "CreateUser").replace("UserName=admin", "UserName=eve"),
        request.query + "&Path=%2F",
        request.query.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
    ):
        assert changed != request.query
        other = HttpRequest(method="GET", path="/", query=changed, headers=request.headers)
        assert status(house, other) == 403
    bodied = HttpRequest(method="GET", path="/", query=request.query, headers=request.headers, body=BODY)
    assert status(house, bodied) in (400, 403, 404)


def test_scope_of_another_service(house: House) -> None:
    """A signature for one service is good for no operation of another, by action or by target."""
    assert status(house, signed(house.admin, BODY, service="sts")) != 200
    assert status(house, signed(house.admin, BODY, service="cloudtrail")) != 200
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    assert house.send(signed(house.admin, b"{}", service="cloudtrail", headers=headers)).status == 200
    assert house.send(signed(house.admin, b"{}", service="iam", headers=headers)).status != 200
    # The target decides, and then the signature is for another service.
    assert status(house, signed(house.admin, BODY, service="iam", headers={"X-Amz-Target": target})) != 200


def test_target_added_on_the_way(house: House) -> None:
    """An unsigned target does not turn a signed call into another."""
    request = signed(house.admin, BODY, service="cloudtrail")
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    headers = (*request.headers, ("x-amz-target", target))
    assert status(house, HttpRequest(method="POST", path="/", headers=headers, body=b"{}")) != 200


def test_two_actions_in_one_request(house: House) -> None:
    """What is judged is what is done: a parameter given twice is refused."""
    key = user(house, "bob", allow("iam:GetUser"))
    twice = b"Action=GetUser&Version=2010-05-08&UserName=eve&Action=CreateUser"
    assert status(house, signed(key, twice)) != 200
    query = "Action=GetUser&Version=2010-05-08"
    assert status(house, signed(key, b"Action=CreateUser&UserName=eve", query=query)) != 200


@pytest.mark.parametrize(
    "action", ["createuser", "CREATEUSER", "iam:CreateUser", "CreateUser%00", "CreateUser+"]
)
def test_other_spellings_of_an_operation(house: House, action: str) -> None:
    """An operation is called by its exact name, so no spelling passes a Deny."""
    body = BODY.replace(b"CreateUser", action.encode())
    assert status(house, signed(house.admin, body)) != 200


def test_session_policy_without_an_arn(house: House) -> None:
    """An entry of PolicyArns that names nothing is refused, not skipped."""
    arn = role(house, "Cook", ALL)
    body = f"Action=AssumeRole&Version=2011-06-15&RoleArn={arn}&RoleSessionName=one&PolicyArns.member.1.x=y"
    answer = house.send(signed(house.admin, body.encode(), service="sts"))
    assert answer.status == 400
    assert b"<Code>ValidationError</Code>" in answer.body
