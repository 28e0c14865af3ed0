"""MFA codes in GetSessionToken and AssumeRole, and what policies make of them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from masugata.records.iam import MFA_DEVICE
from phones import Phone, enabled_phone, make_phone, stopped
from policies import allow, deny, document
from support import ACCOUNT, House

WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
UNKNOWN = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
INCOMPLETE = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
PRESENT = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation with a user alice that may do anything but what a test denies."""
    made = stopped(House(tmp_path))
    iam = made.client("iam")
    iam.create_user(UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="all", PolicyDocument=document(allow()))
    return made


@pytest.fixture
def phone(house: House) -> Phone:
    """Alice's phone."""
    return enabled_phone(house.client("iam"), "alice", house.clock())


@pytest.fixture
def key(house: House) -> Any:
    """Alice's access key."""
    return house.client_key("alice")


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    """Code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def session(house: House, service: str, answer: dict[str, Any]) -> Any:
    """A client with the credentials of an answer."""
    given = answer["Credentials"]
    return house.client(
        service, (given["AccessKeyId"], given["SecretAccessKey"]), token=given["SessionToken"]
    )


def role(house: House, name: str, **condition: Any) -> str:
    """A role that the account may assume under a condition, and that may do anything."""
    trust = allow(["sts:AssumeRole"], **condition) | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    del trust["Resource"]
    iam = house.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document(allow()))
    return str(made["Role"]["Arn"])


def limit(house: House, *statements: dict[str, Any]) -> None:
    """Give alice these statements and no others."""
    house.client("iam").put_user_policy(
        UserName="alice", PolicyName="all", PolicyDocument=document(*statements)
    )


def last_step(house: House) -> int:
    """The step that was spent last."""
    device = house.store.snapshot().get(MFA_DEVICE, ACCOUNT, "/phone")
    assert device is not None
    return device.last_step


def test_a_code_signs_in(house: House, phone: Phone, key: Any) -> None:
    """The session with a code may call IAM, the one without may not."""
    sts = house.client("sts", key)
    answer = sts.get_session_token(**phone.factor(house.clock()))
    assert session(house, "iam", answer).get_user()["User"]["UserName"] == "alice"
    code, _ = refused(session(house, "iam", sts.get_session_token()).get_user)
    assert code == "InvalidClientTokenId"


def test_codes_are_spent(house: House, phone: Phone, key: Any) -> None:
    """The same code twice, those that enabled the device, and any before the last one are refused."""
    sts, now = house.client("sts", key), house.clock()
    for steps in (-2, -1):
        assert refused(sts.get_session_token, **phone.factor(now, steps)) == ("AccessDenied", WRONG)
    sts.get_session_token(**phone.factor(now, 1))
    for steps in (0, 1):
        assert refused(sts.get_session_token, **phone.factor(now, steps)) == ("AccessDenied", WRONG)
    house.clock.offset += timedelta(seconds=30)
    assert refused(sts.get_session_token, **phone.factor(now, 1)) == ("AccessDenied", WRONG)
    assert sts.get_session_token(**phone.factor(now, 2))


@pytest.mark.parametrize("steps", [-2880, -2, 2, 2880])
def test_codes_of_other_times(house: House, phone: Phone, key: Any, steps: int) -> None:
    """Yesterday's code and one that is two steps off are refused, and cost nobody the right one."""
    sts = house.client("sts", key)
    assert refused(sts.get_session_token, **phone.factor(house.clock(), steps)) == ("AccessDenied", WRONG)
    assert sts.get_session_token(**phone.factor(house.clock()))


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "١٢٣٤٥٦"])
def test_what_is_no_code(house: House, phone: Phone, key: Any, code: str) -> None:
    """The model's constraints come first; nothing is counted."""
    with pytest.raises(ClientError) as caught:
        house.client("sts", key).get_session_token(SerialNumber=phone.serial, TokenCode=code)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    device = house.store.snapshot().get(MFA_DEVICE, ACCOUNT, "/phone")
    assert device is not None
    assert device.wrong_codes.count == 0


@pytest.mark.parametrize("given", ["SerialNumber", "TokenCode"])
def test_half_of_a_factor(house: House, phone: Phone, key: Any, given: str) -> None:
    """A serial number without code, or a code without serial number, is refused and not ignored."""
    sts = house.client("sts", key)
    half = {given: phone.factor(house.clock())[given]}
    assert refused(sts.get_session_token, **half) == ("AccessDenied", INCOMPLETE)
    arn = role(house, "Open")
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="half", **half) == (
        "AccessDenied",
        INCOMPLETE,
    )


def test_devices_of_others(house: House, phone: Phone, key: Any) -> None:
    """Another user's device, an unassigned one and hardware that is not here all say the same."""
    spare = make_phone(house.client("iam"), "spare")
    now, sts, admin = house.clock(), house.client("sts", key), house.client("sts")
    assert refused(admin.get_session_token, **phone.factor(now)) == ("AccessDenied", UNKNOWN)
    assert refused(sts.get_session_token, **spare.factor(now)) == ("AccessDenied", UNKNOWN)
    for serial in ("GAHT12345678", phone.serial.upper(), phone.serial.replace(ACCOUNT, "444455556666")):
        given = phone.factor(now) | {"SerialNumber": serial}
        assert refused(sts.get_session_token, **given) == ("AccessDenied", UNKNOWN)
    assert sts.get_session_token(**phone.factor(now))


def test_a_deactivated_device_signs_in_nobody(house: House, phone: Phone, key: Any) -> None:
    """From the next request on; a session that it signed in goes on, as at AWS."""
    sts = house.client("sts", key)
    answer = sts.get_session_token(**phone.factor(house.clock()))
    house.client("iam").deactivate_mfa_device(UserName="alice", SerialNumber=phone.serial)
    assert refused(sts.get_session_token, **phone.factor(house.clock(), 1)) == ("AccessDenied", UNKNOWN)
    assert session(house, "iam", answer).get_user()


def test_each_of_several_devices_signs_in(house: House, phone: Phone, key: Any) -> None:
    """Codes belong to their device: one's code under another's serial number is wrong."""
    tablet = enabled_phone(house.client("iam"), "alice", house.clock(), "tablet")
    sts, now = house.client("sts", key), house.clock()
    mixed = tablet.factor(now) | {"SerialNumber": phone.serial}
    assert refused(sts.get_session_token, **mixed) == ("AccessDenied", WRONG)
    assert sts.get_session_token(**tablet.factor(now))
    assert sts.get_session_token(**phone.factor(now))


def test_guessing_is_slowed_down(house: House, phone: Phone, key: Any) -> None:
    """After five wrong codes none is looked at for 30 s, after each further one twice as long, up to 1 h."""
    sts = house.client("sts", key)
    waits = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    for _ in range(5):
        wrong = {"SerialNumber": phone.serial, "TokenCode": phone.wrong(house.clock())}
        assert refused(sts.get_session_token, **wrong) == ("AccessDenied", WRONG)
    for wait in waits:
        house.clock.offset += timedelta(seconds=wait - 1)
        for _ in range(3):  # which are not counted, or the wait would never end
            code, message = refused(sts.get_session_token, **phone.factor(house.clock()))
            assert code == "AccessDenied"
            assert message.startswith(WRONG + "Too many wrong codes were given")
        house.clock.offset += timedelta(seconds=1)
        wrong = {"SerialNumber": phone.serial, "TokenCode": phone.wrong(house.clock())}
        assert refused(sts.get_session_token, **wrong) == ("AccessDenied", WRONG)
    house.clock.offset += timedelta(seconds=3600)
    assert sts.get_session_token(**phone.factor(house.clock()))
    for _ in range(4):
        wrong = {"SerialNumber": phone.serial, "TokenCode": phone.wrong(house.clock())}
        assert refused(sts.get_session_token, **wrong) == ("AccessDenied", WRONG)
    assert sts.get_session_token(**phone.factor(house.clock(), 1))


def test_resynchronizing_ends_the_wait(house: House, phone: Phone, key: Any) -> None:
    """Who has the device need not wait for what somebody else guessed."""
    sts, now = house.client("sts", key), house.clock()
    for _ in range(5):
        refused(sts.get_session_token, SerialNumber=phone.serial, TokenCode=phone.wrong(now))
    assert "Too many" in refused(sts.get_session_token, **phone.factor(now))[1]
    house.client("iam").resync_mfa_device(UserName="alice", **phone.pair(now, 1))
    house.clock.offset += timedelta(seconds=30)
    assert sts.get_session_token(**phone.factor(now, 2))


def test_a_code_that_comes_twice_counts_as_no_guess(house: House, phone: Phone, key: Any) -> None:
    """A program that repeats its request does not lock its user out."""
    sts, now = house.client("sts", key), house.clock()
    sts.get_session_token(**phone.factor(now))
    for _ in range(10):
        assert refused(sts.get_session_token, **phone.factor(now)) == ("AccessDenied", WRONG)
    assert sts.get_session_token(**phone.factor(now, 1))


def test_trust_policy_that_wants_mfa(house: House, phone: Phone, key: Any) -> None:
    """It admits a code given with the call, and a session that was signed in with one; nothing else."""
    arn, sts, now = role(house, "Safe", **PRESENT), house.client("sts", key), house.clock()
    asked = {"RoleArn": arn, "RoleSessionName": "work"}
    code, message = refused(sts.assume_role, **asked)
    assert code == "AccessDenied"
    assert "no role trust policy allows the sts:AssumeRole action" in message
    assert refused(session(house, "sts", sts.get_session_token()).assume_role, **asked)[0] == "AccessDenied"
    assert sts.assume_role(**asked, **phone.factor(now))["Credentials"]
    signed_in = session(house, "sts", sts.get_session_token(**phone.factor(now, 1)))
    assert signed_in.assume_role(**asked)["Credentials"]


def test_a_wrong_code_is_told_before_what_is_not_allowed(house: House, phone: Phone, key: Any) -> None:
    """The code is part of who calls; it is refused as such even by a role that wants none."""
    arn, sts = role(house, "Open"), house.client("sts", key)
    wrong = {"SerialNumber": phone.serial, "TokenCode": phone.wrong(house.clock())}
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="work", **wrong) == ("AccessDenied", WRONG)
    house.client("iam").delete_user_policy(UserName="alice", PolicyName="all")
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="work", **wrong) == ("AccessDenied", WRONG)


def test_a_right_code_is_spent_by_a_denied_call(house: House, phone: Phone, key: Any) -> None:
    """Whoever saw it pass cannot use it for something that is allowed."""
    arn, sts, now = role(house, "Safe", **PRESENT), house.client("sts", key), house.clock()
    limit(house, deny("sts:AssumeRole"))
    asked = {"RoleArn": arn, "RoleSessionName": "work"}
    assert "explicit deny" in refused(sts.assume_role, **asked, **phone.factor(now))[1]
    limit(house, allow())
    assert refused(sts.assume_role, **asked, **phone.factor(now)) == ("AccessDenied", WRONG)
    assert sts.assume_role(**asked, **phone.factor(now, 1))


def test_a_role_session_carries_no_mfa(house: House, phone: Phone, key: Any) -> None:
    """Not from a code with AssumeRole and not from the session before it, so a chain must not rely on it."""
    first, second = role(house, "First"), role(house, "Second", **PRESENT)
    sts, now = house.client("sts", key), house.clock()
    asked = {"RoleArn": first, "RoleSessionName": "work"}
    signed_in = session(house, "sts", sts.get_session_token(**phone.factor(now)))
    for answer in (sts.assume_role(**asked, **phone.factor(now, 1)), signed_in.assume_role(**asked)):
        chained = session(house, "sts", answer)
        code, _ = refused(chained.assume_role, RoleArn=second, RoleSessionName="chain")
        assert code == "AccessDenied"
        given = phone.factor(now, 1)
        assert refused(chained.assume_role, RoleArn=second, RoleSessionName="chain", **given) == (
            "AccessDenied",
            UNKNOWN,
        )


def test_sessions_bring_codes_only_where_they_may_call(house: House, phone: Phone, key: Any) -> None:
    """A user's session may assume a role with a code; GetSessionToken stays closed to it, code or not."""
    arn, now = role(house, "Safe", **PRESENT), house.clock()
    plain = session(house, "sts", house.client("sts", key).get_session_token())
    code, message = refused(plain.get_session_token, **phone.factor(now))
    assert (code, message) == ("AccessDenied", "Cannot call GetSessionToken with session credentials")
    assert plain.assume_role(RoleArn=arn, RoleSessionName="work", **phone.factor(now, 1))
    federated = session(house, "sts", house.client("sts", key).get_federation_token(Name="taro"))
    asked = {"RoleArn": arn, "RoleSessionName": "work"}
    assert refused(federated.assume_role, **asked, **phone.factor(now, 1)) == ("AccessDenied", UNKNOWN)


CONDITIONS = {
    "Bool true": ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, (False, False, True)),
    "Bool false": ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, (False, True, False)),
    "BoolIfExists true": ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, (True, False, True)),
    "BoolIfExists false": ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, (True, True, False)),
    "Null true": ({"Null": {"aws:MultiFactorAuthPresent": "true"}}, (True, False, False)),
    "young": ({"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}, (False, False, True)),
    "old": ({"NumericGreaterThanEquals": {"aws:MultiFactorAuthAge": "300"}}, (False, False, False)),
    "Null age": ({"Null": {"aws:MultiFactorAuthAge": "true"}}, (True, True, False)),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_on_mfa(house: House, phone: Phone, key: Any, name: str) -> None:
    """Absent with long-term keys, false in sessions without a code, true with an age in those with one."""
    condition, expected = CONDITIONS[name]
    arn = role(house, "Any")
    sts = house.client("sts", key)
    callers = (
        sts,
        session(house, "sts", sts.get_session_token()),
        session(house, "sts", sts.get_session_token(**phone.factor(house.clock()))),
    )
    limit(house, allow("sts:AssumeRole", **condition))
    assert tuple(may(caller, arn) for caller in callers) == expected
    limit(house, allow(), deny("sts:AssumeRole", **condition))
    assert tuple(not may(caller, arn) for caller in callers) == expected


def may(caller: Any, arn: str) -> bool:
    """Whether a caller may assume a role by its own permission."""
    try:
        caller.assume_role(RoleArn=arn, RoleSessionName="work")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


def test_mfa_ages(house: House, phone: Phone, key: Any) -> None:
    """What was young enough is too old after five minutes, to the second; a code in the call is new."""
    arn = role(house, "Any")
    sts = house.client("sts", key)
    signed_in = session(house, "sts", sts.get_session_token(**phone.factor(house.clock())))
    limit(house, allow("sts:AssumeRole", NumericLessThan={"aws:MultiFactorAuthAge": "300"}))
    house.clock.offset += timedelta(seconds=299)
    assert may(signed_in, arn)
    house.clock.offset += timedelta(seconds=1)
    assert not may(signed_in, arn)
    asked = {"RoleArn": arn, "RoleSessionName": "work"}
    assert signed_in.assume_role(**asked, **phone.factor(house.clock()))


def test_root_signs_in_with_a_code(house: House) -> None:
    """The root user's own device, by its own code, for an hour."""
    root = house.root("iam")
    phone = make_phone(root, "root-account-mfa-device")
    root.enable_mfa_device(UserName=ACCOUNT, **phone.pair(house.clock()))
    answer = house.root("sts").get_session_token(**phone.factor(house.clock(), 1))
    assert session(house, "iam", answer).list_mfa_devices()["MFADevices"][0]["SerialNumber"] == phone.serial


def test_events_tell_who_used_mfa(house: House, phone: Phone, key: Any) -> None:
    """CloudTrail says of each session whether a code signed it in, and never shows the code."""
    sts, now = house.client("sts", key), house.clock()
    given = phone.factor(now)
    session(house, "iam", sts.get_session_token(**given)).get_user()
    refused(sts.get_session_token, **given)
    house.store.flush().result()
    rows = [json.loads(row.body) for row in house.store.events(ACCOUNT, "us-east-1")]
    (used,) = [row for row in rows if row["eventName"] == "GetUser"]
    assert used["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "true"
    shown = [row["requestParameters"] for row in rows if row["eventName"] == "GetSessionToken"]
    assert [request["serialNumber"] for request in shown] == [phone.serial] * 2
    assert f'"{given["TokenCode"]}"' not in json.dumps(rows)
