"""CloudTrail records: what they say of each caller, of success and of failure."""

import json
from typing import Any

import pytest

from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.store import EventRow
from masugata.trail import HIDDEN, RecordedCall, cloudtrail_event
from masugata.wire import HttpRequest
from unit.authorization.world import ACCOUNT_ID, ALICE, ALICE_KEY, IAM, NOW, OTHER_ID, ROOT_KEY, World

WORLD = World()
TEMPORARY = "ASIAALICEALICEALICEA"
BEGAN = {"creationDate": "2026-11-23T12:29:45Z", "mfaAuthenticated": "false"}
HTTP = HttpRequest(
    method="POST", path="/", headers=(("user-agent", "till/1.0"), ("host", "x")), source_ip="192.0.2.7"
)


def row(caller: Caller | None = None, **fields: Any) -> EventRow:
    """The event of a CreateUser call of alice, or of something else."""
    call: dict[str, Any] = {
        "service": "iam",
        "operation": "CreateUser",
        "caller": caller or WORLD.alice(),
        "region": "us-east-1",
        "now": NOW,
        "http": HTTP,
        "request_id": "request-1",
        "event_id": "event-1",
        "read_only": False,
        **fields,
    }
    return cloudtrail_event(RecordedCall(**call))


def record(caller: Caller | None = None, **fields: Any) -> dict[str, Any]:
    """The record inside it."""
    body: dict[str, Any] = json.loads(row(caller, **fields).body)
    return body


def test_whole_record() -> None:
    """A successful change, member by member."""
    user = {"UserName": "bob", "Arn": f"{IAM}user/bob"}
    found = record(
        request={"UserName": "bob"},
        response={"User": user},
        resources=(("AWS::IAM::User", "bob"), ("AWS::IAM::Policy", f"{IAM}policy/P")),
    )
    assert found == {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": ALICE,
            "arn": f"{IAM}user/staff/alice",
            "accountId": ACCOUNT_ID,
            "accessKeyId": ALICE_KEY,
            "userName": "alice",
        },
        "eventTime": "2026-11-23T12:30:45Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "till/1.0",
        "requestParameters": {"userName": "bob"},
        "responseElements": {"user": {"userName": "bob", "arn": f"{IAM}user/bob"}},
        "requestID": "request-1",
        "eventID": "event-1",
        "readOnly": False,
        "resources": [{"accountId": ACCOUNT_ID, "type": "AWS::IAM::Policy", "ARN": f"{IAM}policy/P"}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT_ID,
        "eventCategory": "Management",
    }


def test_columns() -> None:
    """What look-ups go by is beside the record."""
    found = row(resources=(("AWS::IAM::User", "bob"),))
    assert (found.time, found.account, found.region) == (NOW, ACCOUNT_ID, "us-east-1")
    assert (found.event_id, found.name, found.source) == ("event-1", "CreateUser", "iam.amazonaws.com")
    assert (found.username, found.access_key_id, found.read_only) == ("alice", ALICE_KEY, False)
    assert found.resources == (("AWS::IAM::User", "bob"),)


def identity(kind: str, principal: str, arn: str, key: str = TEMPORARY, **more: Any) -> dict[str, Any]:
    """A userIdentity."""
    common = {"type": kind, "principalId": principal, "arn": arn, "accountId": ACCOUNT_ID, "accessKeyId": key}
    return common | more


def issuer(kind: str, principal: str, arn: str, **more: str) -> dict[str, str]:
    """A sessionIssuer."""
    return {"type": kind, "principalId": principal, "arn": arn, "accountId": ACCOUNT_ID, **more}


STS = f"arn:aws:sts::{ACCOUNT_ID}:"
COOK_ID = "AROACOOKCOOKCOOKCOOKC"
COOK = issuer("Role", COOK_ID, f"{IAM}role/kitchen/Cook", userName="Cook")
IDENTITIES = [
    (WORLD.root(), identity("Root", ACCOUNT_ID, f"{IAM}root", ROOT_KEY), "root"),
    (
        WORLD.caller(CallerKind.ROOT, ACCOUNT_ID),
        identity("Root", ACCOUNT_ID, f"{IAM}root", sessionContext={"attributes": BEGAN}),
        "root",
    ),
    (
        WORLD.caller(CallerKind.USER, ALICE, mfa=1),
        identity(
            "IAMUser",
            ALICE,
            f"{IAM}user/staff/alice",
            userName="alice",
            sessionContext={"attributes": BEGAN | {"mfaAuthenticated": "true"}},
        ),
        "alice",
    ),
    (
        WORLD.cook(source_identity="hanako@example.com"),
        identity(
            "AssumedRole",
            f"{COOK_ID}:hanako",
            f"{STS}assumed-role/Cook/hanako",
            sessionContext={
                "attributes": BEGAN,
                "sessionIssuer": COOK,
                "sourceIdentity": "hanako@example.com",
            },
        ),
        "hanako",
    ),
    (
        WORLD.federated(),
        identity(
            "FederatedUser",
            f"{ACCOUNT_ID}:taro",
            f"{STS}federated-user/taro",
            sessionContext={
                "attributes": BEGAN,
                "sessionIssuer": issuer("IAMUser", ALICE, f"{IAM}user/staff/alice", userName="alice"),
            },
        ),
        "taro",
    ),
    (
        WORLD.federated(ACCOUNT_ID),
        identity(
            "FederatedUser",
            f"{ACCOUNT_ID}:taro",
            f"{STS}federated-user/taro",
            sessionContext={
                "attributes": BEGAN,
                "sessionIssuer": issuer("Root", ACCOUNT_ID, f"{IAM}root"),
            },
        ),
        "taro",
    ),
]


@pytest.mark.parametrize(("caller", "expected", "username"), IDENTITIES)
def test_identities(caller: Caller, expected: dict[str, Any], username: str) -> None:
    """Each kind of caller is described as CloudTrail does."""
    assert record(caller)["userIdentity"] == expected
    assert row(caller).username == username


def test_error() -> None:
    """A failed call has code and message, and no answer."""
    error = AwsError("AccessDenied", "x" * 2000, 403)
    found = record(request={"UserName": "bob"}, response={"User": {}}, error=error)
    assert (found["errorCode"], found["errorMessage"]) == ("AccessDenied", "x" * 1024)
    assert found["responseElements"] is None
    assert found["requestParameters"] == {"userName": "bob"}


def test_answers_of_reading_calls_are_not_kept() -> None:
    """What was only read is not copied into the log."""
    found = record(operation="GetUser", read_only=True, response={"User": {"UserName": "bob"}})
    assert found["responseElements"] is None
    assert found["readOnly"] is True


def test_answers_that_issue_credentials_are_kept() -> None:
    """AssumeRole counts as reading, and its answer is shown but for the secrets."""
    credentials = {"AccessKeyId": TEMPORARY, "SecretAccessKey": "s", "SessionToken": "t"}
    found = record(
        service="sts",
        operation="AssumeRole",
        read_only=True,
        writes=True,
        response={"Credentials": credentials},
    )
    assert found["responseElements"]["credentials"] == {
        "accessKeyId": TEMPORARY,
        "secretAccessKey": HIDDEN,
        "sessionToken": HIDDEN,
    }


@pytest.mark.parametrize("empty", [None, {}])
def test_nothing_is_null(empty: Any) -> None:
    """Without parameters, answer and resources with an ARN there is null, null and no member."""
    found = record(request=empty, response=empty, resources=(("AWS::IAM::User", "bob"),))
    assert found["requestParameters"] is None
    assert found["responseElements"] is None
    assert "resources" not in found


def test_resources_of_other_accounts() -> None:
    """A resource is of the account in its ARN; AWS's own are of none."""
    theirs, aws = f"arn:aws:iam::{OTHER_ID}:role/R", "arn:aws:iam::aws:policy/P"
    found = record(resources=(("AWS::IAM::Role", theirs), ("AWS::IAM::Policy", aws)))
    assert found["resources"] == [
        {"accountId": OTHER_ID, "type": "AWS::IAM::Role", "ARN": theirs},
        {"type": "AWS::IAM::Policy", "ARN": aws},
    ]


def test_oversized_request_and_answer_are_omitted() -> None:
    """Nobody keeps a call out of the log by making it too large to store."""
    big = {"PolicyArns": [{"arn": "a" * 2000}] * 1000}
    found = row(request=big, response=big)
    assert len(found.body) < 10_000
    body = json.loads(found.body)
    assert body["requestParameters"]["omitted"] is True
    assert body["requestParameters"]["originalSize"] > 2_000_000
    assert body["responseElements"]["omitted"] is True


def test_tls() -> None:
    """Over TLS the host that the client asked for is noted."""
    assert "tlsDetails" not in record()
    http = HttpRequest(method="POST", path="/", headers=(("host", "iam.example"),), secure=True)
    assert record(http=http)["tlsDetails"] == {"clientProvidedHostHeader": "iam.example"}


def test_user_agent_is_bounded() -> None:
    """A missing agent is empty, a long one is cut."""
    assert record(http=HttpRequest(method="POST", path="/"))["userAgent"] == ""
    http = HttpRequest(method="POST", path="/", headers=(("user-agent", "x" * 5000),))
    assert record(http=http)["userAgent"] == "x" * 1024
