"""Signing in with a password: who gets a session, who does not, and what is recorded of it."""

import json
import threading
from base64 import b32encode
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from masugata.gateway import SignInDoor
from masugata.identity import passwords
from masugata.identity.login_profiles import new_profile
from masugata.identity.mfa import seal_seed
from masugata.identity.passwords import Candidate
from masugata.metrics import METRICS
from masugata.records.iam import LOGIN_PROFILE, MFA_DEVICE, USER, MfaDevice
from masugata.wire import HttpRequest
from organizations import MEMBER, close_account, open_account
from support import ACCOUNT, House
from unit.gateway.people import refused, session, user

PASSWORD = "Correct-Horse-9"
NEW = "Battery-Staple-7"
SEED = b"k" * 40
CHANGE_OWN = {"Effect": "Allow", "Action": ["iam:ChangePassword", "iam:GetUser"], "Resource": "*"}


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Hashes that cost next to nothing: what is tested here is not how long a guess takes."""
    monkeypatch.setattr(passwords, "RECOMMENDED", passwords.Parameters(1, 1, 8))


@pytest.fixture
def house(tmp_path):
    """An installation in which alice has a password, and may read herself and change it."""
    house = House(tmp_path)
    stand_still(house)
    user(house, "alice", CHANGE_OWN)
    house.client("iam").create_login_profile(UserName="alice", Password=PASSWORD)
    return house


def stand_still(house):
    """Let time pass only when a test says so: how long a machine takes must not end a wait."""
    start = house.clock()
    house.gateway.clock = lambda: start + house.clock.offset


class Door:
    """Asks to sign in, from an address."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.door = SignInDoor(house.gateway)

    def send(self, body: bytes, sort: str = "application/json", source: str = "198.51.100.7") -> Any:
        http = HttpRequest(
            method="POST",
            path="/_masugata/sign-in",
            headers=(("host", "localhost:4566"), ("content-type", sort), ("user-agent", "tests")),
            body=body,
            source_ip=source,
        )
        return self.door.answer(http)

    def __call__(self, source: str = "198.51.100.7", **members: Any) -> tuple[int, dict[str, Any]]:
        members.setdefault("password", PASSWORD)
        response = self.send(json.dumps(members).encode(), source=source).result(timeout=30)
        assert dict(response.headers)["cache-control"] == "no-store"
        return response.status, json.loads(response.body)

    def code(self, **members: Any) -> str:
        """The error code of an attempt that is refused."""
        status, answer = self(**members)
        assert status != 200
        return str(answer["code"])


@pytest.fixture
def door(house):
    """The door of the house."""
    return Door(house)


def give_root_password(house, account=ACCOUNT):
    profile = new_profile(
        account,
        Candidate(PASSWORD, (), house.gateway.random),
        house.keeper,
        house.clock(),
        house.gateway.random,
    )
    house.store.submit(lambda tx: tx.put(LOGIN_PROFILE, account, profile)).result()


def give_device(house, owner_id, name="phone"):
    """A virtual MFA device, enabled; gives what shows its codes."""
    device = MfaDevice(
        name=name,
        seed=seal_seed(house.keeper, ACCOUNT, "/", name, SEED),
        create_date=house.clock(),
        owner_id=owner_id,
        enable_date=house.clock(),
    )
    house.store.submit(lambda tx: tx.put(MFA_DEVICE, ACCOUNT, device)).result()
    return lambda: pyotp.TOTP(b32encode(SEED).decode()).at(house.clock())


def user_id(house, name="alice"):
    return house.store.snapshot().get(USER, ACCOUNT, name).id


def events(house, name="ConsoleLogin"):
    rows = house.store.events(ACCOUNT, "us-east-1", attribute=("EventName", name))
    return [json.loads(row.body) for row in rows]


def test_a_session_of_the_user(house, door):
    """The right password gives credentials that boto3 works with as the user, in IAM too, for 12 hours."""
    status, answer = door(user="alice", account=ACCOUNT)
    assert status == 200
    assert answer["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    who = session(house, credentials, "sts").get_caller_identity()
    assert (who["Arn"], who["Account"]) == (answer["Arn"], ACCOUNT)
    assert session(house, credentials, "iam").get_user()["User"]["UserName"] == "alice"
    assert refused(session(house, credentials, "iam").list_users) == "AccessDenied"
    house.clock.offset = timedelta(hours=12, seconds=1)
    assert refused(session(house, credentials, "sts").get_caller_identity) == "ExpiredToken"


def test_every_reason_has_one_answer(house, door):
    """Nobody learns from the answer whether account, user or password is there, or which was wrong."""
    house.client("iam").create_user(UserName="bob")
    answers = {
        json.dumps(door(**members, source=f"198.51.100.{number}"))
        for number, members in enumerate(
            (
                {"user": "alice", "password": "wrong"},
                {"user": "ALICE"},
                {"user": "bob"},
                {"user": "carol"},
                {"user": "alice", "account": "999999999999"},
                {"user": "alice", "account": "no-such-alias"},
                {"email": "root@example.com"},
                {"email": "nobody@example.com"},
            )
        )
    }
    assert len(answers) == 1
    assert json.loads(answers.pop()) == [
        403,
        {
            "code": "AuthenticationFailed",
            "message": "Your authentication information is incorrect. Please try again.",
        },
    ]


def test_as_much_is_hashed_for_nobody(door, monkeypatch):
    """An attempt costs the same hashes whether there is such a user or not, so its time tells nothing."""
    counted = []
    derive = passwords._derive
    monkeypatch.setattr(passwords, "_derive", lambda *given: counted.append(1) or derive(*given))
    costs = []
    for members in (
        {"user": "alice"},
        {"user": "alice", "password": "wrong"},
        {"user": "nobody"},
        {"email": "x@y"},
    ):
        for new in ({}, {"newPassword": NEW}):
            counted.clear()
            door(**members, **new)
            costs.append(len(counted))
    assert costs == [1, 2] * 4


def test_account_by_alias(house, door):
    """The alias names the account as its id does."""
    house.client("iam").create_account_alias(AccountAlias="coffee-shop")
    assert door(user="alice", account="coffee-shop")[0] == 200


def test_events_of_success_and_failure(house, door):
    """Attempts are in the event history in AWS's form before they are answered; unknown names are hidden."""
    assert door(user="alice")[0] == 200
    door(user="alice", password="wrong")
    door(user="MySecretTypedHere")
    unknown, failed, good = events(house)
    assert good["eventSource"] == "signin.amazonaws.com"
    assert good["eventType"] == "AwsConsoleSignIn"
    assert good["userIdentity"] == {
        "type": "IAMUser",
        "principalId": user_id(house),
        "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
        "accountId": ACCOUNT,
        "accessKeyId": "",
        "userName": "alice",
    }
    assert good["responseElements"] == {"ConsoleLogin": "Success"}
    assert good["additionalEventData"] == {
        "LoginTo": "http://localhost:4566/_masugata/sign-in",
        "MobileVersion": "No",
        "MFAUsed": "No",
    }
    assert good["sourceIPAddress"] == "198.51.100.7"
    assert failed["responseElements"] == {"ConsoleLogin": "Failure"}
    assert failed["errorMessage"] == "Failed authentication"
    assert unknown["userIdentity"]["userName"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert unknown["errorMessage"] == "No username found in supplied account"
    assert not any("wrong" in json.dumps(e) or "MySecret" in json.dumps(e) for e in (unknown, failed, good))
    assert house.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "alice"}]
    )["Events"]


def test_mfa(house, door):
    """With a device a code is needed, which shows in the session and in the events, and counts once."""
    now = give_device(house, user_id(house))
    house.client("iam").put_user_policy(
        UserName="alice",
        PolicyName="with-mfa",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "iam:ListUsers",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                },
            }
        ),
    )
    assert door.code(user="alice") == "MultiFactorAuthRequired"
    assert door.code(user="alice", password="wrong", mfaCode=now()) == "AuthenticationFailed"
    assert door.code(user="alice", mfaCode="000000" if now() != "000000" else "111111") == "AccessDenied"
    code = now()
    status, answer = door(user="alice", mfaCode=code)
    assert status == 200
    assert session(house, answer["Credentials"], "iam").list_users()["Users"]
    assert door.code(user="alice", mfaCode=code) == "AccessDenied"
    good = next(e for e in events(house) if e["responseElements"]["ConsoleLogin"] == "Success")
    assert good["additionalEventData"]["MFAUsed"] == "Yes"
    assert good["additionalEventData"]["MFAIdentifier"] == f"arn:aws:iam::{ACCOUNT}:mfa/phone"
    assert events(house, "CheckMfa")[0]["responseElements"] == {"CheckMfa": "Success"}


def test_a_code_without_device(door):
    """A code that nothing checks is refused: whoever gives one believes that it protects."""
    assert door.code(user="alice", mfaCode="123456") == "AccessDenied"


def test_the_root_user(house, door, caplog):
    """Root signs in by its e-mail address for an hour; it is warned about, and recorded in AWS's form."""
    give_root_password(house)
    status, answer = door(email="Root@Example.com", durationSeconds=43_200)
    assert (status, answer["Arn"]) == (200, f"arn:aws:iam::{ACCOUNT}:root")
    iam = session(house, answer["Credentials"], "iam")
    assert iam.get_user()["User"]["PasswordLastUsed"]
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    assert "the root user of account 111122223333 signed in" in caplog.text
    assert "without MFA" in caplog.text
    (event,) = events(house)
    assert event["userIdentity"]["type"] == "Root"
    assert "userName" not in event["userIdentity"]
    house.clock.offset = timedelta(hours=1, seconds=1)
    assert refused(iam.get_user) == "ExpiredToken"


def test_password_last_used(house, door):
    """GetUser and ListUsers show when a password was last signed in with, and nothing before that."""
    iam = house.client("iam")
    assert "PasswordLastUsed" not in iam.get_user(UserName="alice")["User"]
    door(user="alice", password="wrong")
    assert "PasswordLastUsed" not in iam.get_user(UserName="alice")["User"]
    door(user="alice")
    used = iam.get_user(UserName="alice")["User"]["PasswordLastUsed"]
    assert abs((house.clock() - used).total_seconds()) < 60
    listed = {u["UserName"]: u.get("PasswordLastUsed") for u in iam.list_users()["Users"]}
    assert listed == {"admin": None, "alice": used}
    iam.delete_login_profile(UserName="alice")
    assert "PasswordLastUsed" not in iam.get_user(UserName="alice")["User"]


def test_a_required_change(house, door):
    """A password that must be changed opens nothing but its own change."""
    house.client("iam").update_login_profile(UserName="alice", PasswordResetRequired=True)
    status, answer = door(user="alice")
    assert (status, answer["code"], answer["mfaRequired"]) == (403, "PasswordChangeRequired", False)
    assert door.code(user="alice", newPassword=PASSWORD) == "PasswordPolicyViolation"
    assert door.code(user="alice", newPassword="short") == "PasswordPolicyViolation"
    status, answer = door(user="alice", newPassword=NEW)
    assert status == 200
    assert session(house, answer["Credentials"], "sts").get_caller_identity()["Arn"].endswith("user/alice")
    assert door.code(user="alice") == "AuthenticationFailed"
    assert door(user="alice", password=NEW)[0] == 200
    assert events(house, "PasswordUpdated")[0]["responseElements"] == {"PasswordUpdated": "Success"}


def test_a_change_needs_permission(house, door):
    """A new password is refused to who may not change it, as in AWS, and then nobody is signed in."""
    iam = house.client("iam")
    iam.delete_user_policy(UserName="alice", PolicyName="p")
    iam.update_login_profile(UserName="alice", PasswordResetRequired=True)
    assert door.code(user="alice", newPassword=NEW) == "AccessDenied"
    assert door.code(user="alice", password=NEW) == "AuthenticationFailed"
    iam.update_account_password_policy(MinimumPasswordLength=8, AllowUsersToChangePassword=True)
    assert door(user="alice", newPassword=NEW)[0] == 200


def test_expiry(house, door):
    """A password that is too old must be changed, or with HardExpiry waits for an administrator."""
    iam = house.client("iam")
    iam.update_account_password_policy(MinimumPasswordLength=8, MaxPasswordAge=90)
    assert door(user="alice")[0] == 200
    house.clock.offset = timedelta(days=90)
    assert door.code(user="alice") == "PasswordChangeRequired"
    iam.update_account_password_policy(MinimumPasswordLength=8, MaxPasswordAge=90, HardExpiry=True)
    assert door.code(user="alice", newPassword=NEW) == "PasswordExpired"
    iam.update_login_profile(UserName="alice", Password=NEW)
    assert door(user="alice", password=NEW)[0] == 200


def test_sessions_end_with_the_password(house, door):
    """What was signed in is over at the next request once an administrator sets, or deletes, the password."""
    iam = house.client("iam")
    first = session(house, door(user="alice")[1]["Credentials"], "sts")
    first.get_caller_identity()
    iam.update_login_profile(UserName="alice", PasswordResetRequired=False)
    first.get_caller_identity()
    iam.update_login_profile(UserName="alice", Password=NEW)
    assert refused(first.get_caller_identity) == "InvalidClientTokenId"
    second = session(house, door(user="alice", password=NEW)[1]["Credentials"], "sts")
    second.get_caller_identity()
    iam.delete_login_profile(UserName="alice")
    assert refused(second.get_caller_identity) == "InvalidClientTokenId"
    iam.create_login_profile(UserName="alice", Password=NEW)
    assert refused(second.get_caller_identity) == "InvalidClientTokenId"


def test_guessing_must_wait(house, door):
    """After five wrong passwords even the right one must wait, with an answer that says nothing else."""
    for _ in range(5):
        assert door.code(user="alice", password="wrong") == "AuthenticationFailed"
    status, answer = door(user="alice")
    assert (status, answer["code"]) == (429, "Throttling")
    assert len(events(house)) == 5
    house.clock.offset = timedelta(seconds=2)
    assert door(user="alice")[0] == 200
    for _ in range(5):
        assert door.code(user="alice", password="wrong") == "AuthenticationFailed"


def test_nobody_is_limited_alike(door):
    """A name that no user has runs into the same limit, so the limit tells nothing."""
    codes = [door.code(user="nobody") for _ in range(6)]
    assert codes == ["AuthenticationFailed"] * 5 + ["Throttling"]


def test_a_source_is_limited(door):
    """Who tries one password on many names runs into the limit of its address, others do not."""
    codes = [door.code(user=f"user{number}") for number in range(31)]
    assert codes == ["AuthenticationFailed"] * 30 + ["Throttling"]
    assert door(user="alice", source="203.0.113.9")[0] == 200


def test_strangers_do_not_lock_the_owner_out(door):
    """From where the owner signed in last, failures from elsewhere cost no wait."""
    assert door(user="alice", source="203.0.113.9")[0] == 200
    codes = [door.code(user="alice", password="wrong") for _ in range(6)]
    assert codes[-1] == "Throttling"
    assert door(user="alice", source="203.0.113.9")[0] == 200
    for _ in range(5):
        assert door.code(user="alice", password="wrong", source="203.0.113.9") == "AuthenticationFailed"
    assert door.code(user="alice", source="203.0.113.9") == "Throttling"


def test_guesses_at_once(house):
    """Of many guesses at the same moment no more are answered than the limit says."""
    door, answers = Door(house), []
    body = json.dumps({"user": "alice", "password": "wrong"}).encode()
    barrier = threading.Barrier(8)

    def guess(number):
        barrier.wait()
        answers.append(door.send(body, source=f"198.51.100.{number}").result(timeout=30).status)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [403] * 5 + [429] * 3


def test_two_changes_at_once(house):
    """Of two sign-ins that change the same password, hashed before either was stored, one is refused."""
    door, answers = Door(house), []
    barrier = threading.Barrier(2)

    def change(new):
        barrier.wait()
        body = json.dumps({"user": "alice", "password": PASSWORD, "newPassword": new}).encode()
        answers.append(door.send(body, source=f"203.0.113.{len(new)}").result(timeout=30).status)

    threads = [threading.Thread(target=change, args=(new,)) for new in (NEW, NEW + "x")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 403]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"user":"alice"}',
        b'{"password":"x"}',
        b'{"user":"alice","email":"a@b","password":"x"}',
        b'{"user":"alice","password":""}',
        b'{"user":"alice","password":1}',
        b'{"user":"alice","password":"' + b"x" * 129 + b'"}',
        b'{"user":"alice","password":"\\u0000"}',
        b'{"user":"alice","password":"\\u4e2d"}',
        b'{"user":"alice","password":"x","mfaCode":"12345"}',
        b'{"user":"alice","password":"x","mfaCode":"123456\\n"}',
        b'{"user":"alice","password":"x","durationSeconds":899}',
        b'{"user":"alice","password":"x","durationSeconds":43201}',
        b'{"user":"alice","password":"x","admin":true}',
        b"[" * 3000,
        b'{"user":"\xff","password":"x"}',
    ],
)
def test_bad_bodies(door, body):
    """What is no request is refused without being repeated, and counts for nobody."""
    response = door.send(body).result(timeout=30)
    answer = json.loads(response.body)
    assert (response.status, answer["code"]) == (400, "ValidationError")
    assert "alice" not in answer["message"]


def test_other_content(door):
    """Only JSON is taken, which no page of another origin can send by itself, and only a little of it."""
    assert door.send(b"{}", "text/plain").result(timeout=30).status == 415
    assert door.send(b"{}" + b" " * 5000).result(timeout=30).status == 413


def test_a_defect_is_answered(house, door, caplog, monkeypatch):
    """A failure inside is logged and told to nobody."""
    monkeypatch.setattr(house.store, "submit", lambda _job: 1 / 0)
    status, answer = door(user="alice")
    assert (status, answer["code"]) == (500, "InternalFailure")
    assert "division" not in json.dumps(answer)
    assert "ZeroDivisionError" in caplog.text


def test_metrics(door):
    """Attempts are counted by outcome."""
    before = {s.labels: s.values[0] for s in METRICS.samples() if s.name == "masugata_sign_ins_total"}
    door(user="alice")
    door(user="alice", password="wrong")
    after = {s.labels: s.values[0] for s in METRICS.samples() if s.name == "masugata_sign_ins_total"}
    assert {
        labels: after[labels] - before.get(labels, 0)
        for labels in after
        if after[labels] > before.get(labels, 0)
    } == {
        ("success",): 1,
        ("failure",): 1,
    }


def test_member_accounts(house, door):
    """The address of a root user leads to its account, in any case; another number does not help."""
    open_account(house, MEMBER)
    give_root_password(house, MEMBER)
    for email in (f"{MEMBER}@example.com", f"{MEMBER}@EXAMPLE.com"):
        assert door(email=email)[1]["Account"] == MEMBER
        assert door(email=email, account=MEMBER)[1]["Account"] == MEMBER
        assert door.code(email=email, account=ACCOUNT) == "AuthenticationFailed"
    assert door.code(email="root@example.com", account=MEMBER) == "AuthenticationFailed"
    assert door.code(user="alice") == "AuthenticationFailed"  # of which account?
    assert door(user="alice", account=ACCOUNT)[0] == 200


def test_closed_account(house, door):
    """With the right password nobody of a closed account signs in, and nothing tells that it was right."""
    give_root_password(house)
    signed_in = door(user="alice")[1]["Credentials"]
    assert door(email="root@example.com")[0] == 200
    wrong = door(user="alice", password="wrong-Horse-9")
    close_account(house, ACCOUNT)
    assert door(user="alice") == door(user="alice", account=ACCOUNT) == wrong
    assert door(email="root@example.com") == wrong
    assert refused(session(house, signed_in, "iam").get_user) == "InvalidClientTokenId"
