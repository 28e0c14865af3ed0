"""The way of a request: what is answered, what is written and recorded, and in which order."""

import json
import logging
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from botocore.exceptions import ClientError

from masugata.authorization.authorizer import decode_message
from masugata.call import Call, Operation
from masugata.errors import AwsError
from masugata.gateway.exchange import MESSAGE_HEADER
from masugata.records.iam import ACCESS_KEY, USER
from masugata.services import SERVICES
from masugata.services.iam.users import create_user
from masugata.store import StoreBusyError, StoreUnavailableError
from masugata.wire import HttpRequest
from policies import allow, document
from support import ACCOUNT, House
from unit.gateway.held_store import Store


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def refused(call: Any, **arguments: Any) -> tuple[str, str, int]:
    """Code, message and status of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error, meta = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    return error["Code"], error["Message"], meta["HTTPStatusCode"]


def events(house: House, region: str = "us-east-1") -> list[dict[str, Any]]:
    """The records of the log, newest first."""
    return [json.loads(row.body) for row in house.store.events(ACCOUNT, region)]


def user(house: House, name: str, *statements: dict[str, Any]) -> Any:
    """A new user with these permissions, and its key."""
    iam = house.client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
    return house.client_key(name)


def signed(house: House, client: Any, call: str, **arguments: Any) -> HttpRequest:
    """The request that a client would send, without sending it."""
    caught: list[HttpRequest] = []
    real, house.send = house.send, lambda request: caught.append(request) or real(UNSIGNED)
    try:
        with pytest.raises(ClientError):
            getattr(client, call)(**arguments)
    finally:
        house.send = real
    return caught[0]


UNSIGNED = HttpRequest(method="POST", path="/", headers=(("host", "localhost"),))


def exists(house: House, name: str) -> bool:
    """Whether there is a user of that name."""
    return house.store.snapshot().get(USER, ACCOUNT, name) is not None


def test_operation_that_is_not_built(house: House) -> None:
    """501 by its name and with the reason, where there is one; and recorded."""
    code, message, status = refused(house.client("iam").acquire_role)
    assert (code, status) == ("NotImplemented", 501)
    assert "`AcquireRole`" in message
    assert message.endswith(
        "is not implemented: role templates are AWS's own, and no API lists or makes them."
    )
    assert events(house)[0]["errorCode"] == "NotImplementedException"
    assert events(house)[0]["eventName"] == "AcquireRole"


def test_stranger_learns_nothing_of_what_is_built(house: House) -> None:
    """Whoever does not sign rightly is refused before anything is said, and leaves no event."""
    stranger = house.client("iam", (house.admin[0], "x" * 40))
    assert refused(stranger.list_open_id_connect_providers)[0] == "SignatureDoesNotMatch"
    assert refused(stranger.create_user, UserName="bob")[0] == "SignatureDoesNotMatch"
    assert events(house) == []


def test_success_is_recorded(house: House) -> None:
    """Reading and changing calls are in the log under the id that was answered."""
    iam = house.client("iam")
    for call in (iam.list_users, lambda: iam.create_user(UserName="bob")):
        request_id = call()["ResponseMetadata"]["RequestId"]
        assert events(house)[0]["requestID"] == request_id
    assert events(house)[0]["responseElements"]["user"]["userName"] == "bob"


def test_denial_is_durable_before_it_is_answered(house: House) -> None:
    """The answer to a denied call waits for its event."""
    request = signed(house, house.client("iam", user(house, "bob")), "list_users")
    store = Store(house)
    store.held = []
    answer = house.gateway.dispatch(request)
    assert not answer.done()
    store.release()
    assert answer.result().status == 403
    assert events(house)[0]["errorCode"] == "AccessDenied"


def test_refusal_of_a_session_is_durable_before_it_is_answered(house: House) -> None:
    """So does the answer to a session that may not use IAM at all."""
    credentials = house.client("sts").get_session_token()["Credentials"]
    key = (credentials["AccessKeyId"], credentials["SecretAccessKey"])
    request = signed(house, house.client("iam", key, token=credentials["SessionToken"]), "list_users")
    store = Store(house)
    store.held = []
    answer = house.gateway.dispatch(request)
    assert not answer.done()
    store.release()
    assert b"InvalidClientTokenId" in answer.result().body
    assert events(house)[0]["errorCode"] == "UnrecognizedClientException"


def test_change_is_durable_before_it_is_answered(house: House) -> None:
    """The answer to a change waits for its commit; reading does not wait."""
    client = house.client("iam")
    change, read = signed(house, client, "create_user", UserName="bob"), signed(house, client, "list_users")
    store = Store(house)
    store.held = []
    answer = house.gateway.dispatch(change)
    assert not answer.done()
    assert house.gateway.dispatch(read).done()
    store.release()
    assert answer.result().status == 200


def test_permission_removed_in_between(house: House) -> None:
    """A call that was allowed on the snapshot is judged again on the state that it would change."""
    key = user(house, "bob", allow("iam:CreateUser"))
    record = house.store.snapshot().get(USER, ACCOUNT, "bob")
    assert record is not None
    store = Store(house)
    revoked = msgspec.structs.replace(record, inline_policies={})
    store.before = lambda transaction: transaction.put(USER, ACCOUNT, revoked)
    code, message, _ = refused(house.client("iam", key).create_user, UserName="eve")
    assert code == "AccessDenied"
    assert "because no identity-based policy allows the iam:CreateUser action" in message
    assert not exists(house, "eve")
    assert events(house)[0]["errorCode"] == "AccessDenied"


def test_key_removed_in_between(house: House) -> None:
    """A key that is deleted while its call waits changes nothing any more."""
    key = user(house, "bob", allow("iam:*"))
    Store(house).before = lambda transaction: transaction.delete(ACCESS_KEY, ACCOUNT, key[0])
    code, _, status = refused(house.client("iam", key).create_user, UserName="eve")
    assert (code, status) == ("InvalidClientTokenId", 403)
    assert not exists(house, "eve")


def test_user_removed_in_between(house: House) -> None:
    """So is one whose user is gone."""
    key = user(house, "bob", allow("iam:*"))
    Store(house).before = lambda transaction: transaction.delete(USER, ACCOUNT, "bob")
    assert refused(house.client("iam", key).create_user, UserName="eve")[0] == "InvalidClientTokenId"
    assert not exists(house, "eve")


def broken(call: Call, request: Any) -> Any:
    """A handler that fails after it has written."""
    create_user(call, request)
    raise RuntimeError("the inside of the house")


def wrong(call: Call, request: Any) -> Any:
    """A handler whose answer is not what the model says."""
    create_user(call, request)
    return {"NoSuchMember": 1}


def failing(call: Call, request: Any) -> Any:
    """A handler that refuses after it has written."""
    create_user(call, request)
    raise AwsError("LimitExceeded", "too many", 409)


@pytest.mark.parametrize("handler", [broken, wrong])
def test_broken_handler(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, handler: Any
) -> None:
    """What fails inside is a 500 without a word of the inside; nothing is written, and the log has why."""
    monkeypatch.setitem(SERVICES["iam"], "CreateUser", Operation(handler, writes=True))
    with pytest.raises(ClientError) as caught, caplog.at_level(logging.ERROR):
        house.client("iam").create_user(UserName="bob")
    answer = caught.value.response
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert answer["Error"]["Code"] == "InternalFailure"
    assert answer["Error"]["Message"] == (
        f"The request failed inside masugata; its log has the cause under {request_id}."
    )
    assert request_id in caplog.text
    assert not exists(house, "bob")
    assert events(house) == []


def test_broken_reading_handler(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading call that fails inside is a 500 too."""

    def broken_read(_call: Call, _request: Any) -> Any:
        raise KeyError("inside")

    monkeypatch.setitem(SERVICES["iam"], "ListUsers", Operation(broken_read, writes=False))
    code, message, status = refused(house.client("iam").list_users)
    assert (code, status) == ("InternalFailure", 500)
    assert "inside masugata" in message
    assert "KeyError" not in message


def test_reading_handler_cannot_write(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation listed as reading that tries to write fails and writes nothing."""
    monkeypatch.setitem(SERVICES["iam"], "CreateUser", Operation(create_user, writes=False))
    assert refused(house.client("iam").create_user, UserName="bob")[0] == "InternalFailure"
    assert not exists(house, "bob")


def test_failed_change_leaves_its_event_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused change is rolled back whole, and recorded with its error and parameters."""
    monkeypatch.setitem(SERVICES["iam"], "CreateUser", Operation(failing, writes=True))
    revision = house.store.snapshot().revision
    assert refused(house.client("iam").create_user, UserName="bob") == ("LimitExceeded", "too many", 409)
    assert house.store.snapshot().revision == revision
    (event,) = events(house)
    assert event["errorCode"] == "LimitExceededException"
    assert event["requestParameters"] == {"userName": "bob"}
    assert event["responseElements"] is None


def test_further_permission_denied_inside(house: House) -> None:
    """A permission that only the handler asks for (iam:PassRole) undoes the call if it is missing."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    house.client("iam").create_role(RoleName="Cook", AssumeRolePolicyDocument=document)
    house.client("iam").create_instance_profile(InstanceProfileName="Oven")
    iam = house.client("iam", user(house, "bob", allow("iam:AddRoleToInstanceProfile")))
    code, message, _ = refused(iam.add_role_to_instance_profile, InstanceProfileName="Oven", RoleName="Cook")
    assert code == "AccessDenied"
    assert "iam:PassRole" in message
    profile = house.client("iam").get_instance_profile(InstanceProfileName="Oven")["InstanceProfile"]
    assert profile["Roles"] == []
    denied = next(event for event in events(house) if event["eventName"] == "AddRoleToInstanceProfile")
    assert denied["errorCode"] == "AccessDenied"


@pytest.mark.parametrize("call", ["create_user", "list_users"])
def test_store_that_is_busy(house: House, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the store takes no more, the caller is throttled, and learns and changes nothing."""
    client = house.client("iam")
    Store(house).failure = StoreBusyError("full")

    def full(_event: Any) -> None:
        raise StoreBusyError("full")

    monkeypatch.setattr(house.store, "record_event", full)
    arguments = {"UserName": "bob"} if call == "create_user" else {}
    assert refused(getattr(client, call), **arguments) == ("Throttling", "Rate exceeded", 400)
    assert not exists(house, "bob")


def test_denial_that_cannot_be_recorded(house: House) -> None:
    """A denial whose event the store does not take is still no yes."""
    key = user(house, "bob")
    Store(house).failure = StoreBusyError("full")
    assert refused(house.client("iam", key).list_users)[0] == "Throttling"


def test_store_that_does_not_answer(house: House) -> None:
    """A change that could not be committed is a 503, not a success."""
    Store(house).failure = StoreUnavailableError("the disk is full: /var/lib/masugata")
    code, message, status = refused(house.client("iam").create_user, UserName="bob")
    assert (code, status) == ("ServiceUnavailable", 503)
    assert "/var" not in message


def test_state_that_cannot_be_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a state there is no decision: 503."""

    def gone() -> Any:
        raise StoreUnavailableError("gone")

    monkeypatch.setattr(house.store, "snapshot", gone)
    assert refused(house.client("iam").list_users)[0] == "ServiceUnavailable"


def test_request_that_does_not_parse(house: House) -> None:
    """A malformed request of a known caller is refused and recorded, without what could not be read."""
    code, _, status = refused(house.client("iam").create_user, UserName="no spaces please")
    assert (code, status) == ("ValidationError", 400)
    (event,) = events(house)
    assert (event["errorCode"], event["requestParameters"]) == ("ValidationException", None)


def test_oversized_denied_call_is_recorded(house: House) -> None:
    """Megabytes of parameters do not keep a denial out of the log."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    policies = [{"arn": "a" * 2000}] * 1200
    sts = house.client("sts")
    code, _, _ = refused(sts.assume_role, RoleArn=arn, RoleSessionName="x" * 5, PolicyArns=policies)
    assert code == "AccessDenied"
    (event,) = events(house)
    assert (event["eventName"], event["errorCode"]) == ("AssumeRole", "AccessDenied")
    assert event["requestParameters"]["omitted"] is True


def test_encoded_message_of_a_denial(house: House) -> None:
    """A denial carries its sealed explanation in a header; other errors carry none."""
    key = user(house, "bob")
    with pytest.raises(ClientError) as caught:
        house.client("iam", key).list_users()
    encoded = caught.value.response["ResponseMetadata"]["HTTPHeaders"][MESSAGE_HEADER]
    assert json.loads(decode_message(encoded, ACCOUNT, house.keeper))["context"]["action"] == "iam:ListUsers"
    with pytest.raises(ClientError) as caught:
        house.client("iam").get_user(UserName="nobody")
    assert MESSAGE_HEADER not in caught.value.response["ResponseMetadata"]["HTTPHeaders"]


def test_regions(house: House) -> None:
    """IAM acts in us-east-1 whatever Region a client signs for; STS and CloudTrail in the signed one."""
    house.client("iam", region="eu-west-1").list_users()
    house.client("sts", region="eu-west-1").get_caller_identity()
    assert [event["eventName"] for event in events(house)] == ["ListUsers"]
    assert [event["eventName"] for event in events(house, "eu-west-1")] == ["GetCallerIdentity"]
    assert house.client("cloudtrail", region="ap-northeast-1").lookup_events()["Events"] == []


def test_last_uses(house: House) -> None:
    """The use of a long-term key and of a role is noted, with time, Region and service."""
    house.client("sts", region="eu-west-1").get_caller_identity()
    noted = house.store.touched(f"access-key/{house.admin[0]}")
    assert noted is not None
    used = orjson.loads(noted)
    assert (used["region"], used["service"]) == ("eu-west-1", "sts")
    assert abs(used["date"] - house.clock().timestamp()) < 600


def test_operations_that_were_used(house: House) -> None:
    """Whatever an authenticated principal asks for counts as accessed, a denied or unbuilt operation too."""
    admin = house.client("iam")
    created = admin.create_user(UserName="hanako")["User"]
    key = house.client_key("hanako")
    hanako = house.client("iam", key)
    with pytest.raises(ClientError, match="AccessDenied"):
        hanako.list_roles()
    with pytest.raises(ClientError, match="NotImplemented"):
        hanako.get_role_template_version(TemplateArn="arn:aws:iam::aws:role-template/x/y")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        house.client("iam", ("AKIAAAAAAAAAAAAAAAAA", "no")).get_user()
    used = house.store.touched_under(f"used/{created['UserId']}/")
    assert sorted(key.rpartition("/")[2] for key in used) == ["GetRoleTemplateVersion", "ListRoles"]
    admin.delete_access_key(UserName="hanako", AccessKeyId=key[0])
    admin.delete_user(UserName="hanako")
    assert house.store.touched_under(f"used/{created['UserId']}/") == {}


def test_refusal_in_the_requests_protocol(house: House) -> None:
    """An error from before the way of a request is worded in the protocol that the request speaks."""
    error = AwsError("RequestEntityTooLarge", "too large", 413)
    target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"
    json_request = HttpRequest(method="POST", path="/", headers=(("x-amz-target", target),))
    answer = house.gateway.refuse(json_request, error)
    assert answer.status == 413
    assert orjson.loads(answer.body)["__type"] == "RequestEntityTooLargeException"
    answer = house.gateway.refuse(UNSIGNED, error)
    assert answer.status == 413
    assert b"<Code>RequestEntityTooLarge</Code>" in answer.body


def test_unsigned_operation_that_is_not_built(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that nobody signs says that it is not built, not that a signature is missing."""
    monkeypatch.delitem(SERVICES["sts"], "AssumeRoleWithWebIdentity")
    body = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
    answer = house.send(HttpRequest(method="POST", path="/", headers=(("host", "localhost"),), body=body))
    assert answer.status == 501
    assert b"AssumeRoleWithWebIdentity" in answer.body


def test_own_account_is_the_resources_account(house: House) -> None:
    """A perimeter of aws:ResourceAccount lets calls without a resource type through, too."""
    perimeter = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:ResourceAccount": ACCOUNT}},
    }
    absent = {**perimeter, "Condition": {"Null": {"aws:ResourceAccount": "true"}}}
    for number, statement in enumerate((perimeter, absent)):
        house.client("iam").put_user_policy(
            UserName="admin",
            PolicyName=f"perimeter-{number}",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}),
        )
    house.client("iam").list_policies()
    house.client("iam").get_account_summary()
    house.client("cloudtrail").lookup_events()


def test_a_refused_use_of_a_key_is_recorded_before_it_is_answered(house):
    """What an operation with a key answers to a wrong MAC is an answer about the key, too."""
    kms = house.client("kms")
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    held = Store(house)
    recorded = []
    held.record_event = recorded.append
    with pytest.raises(ClientError, match="KMSInvalidMac"):
        kms.verify_mac(KeyId=key, Message=b"x", MacAlgorithm="HMAC_SHA_256", Mac=b"x")
    assert recorded == []
    assert events(house)[0]["errorCode"] == "KMSInvalidMacException"
