"""Passwords through the gateway with boto3: who may change them, and how often they may be guessed."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from masugata.identity import passwords
from policies import document
from support import ACCOUNT, House
from unit.gateway.people import denied, refused, user

PASSWORD = "Correct-Horse-9"
NEW = "Battery-Staple-7"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Hashes that cost next to nothing."""
    monkeypatch.setattr(passwords, "RECOMMENDED", passwords.Parameters(1, 1, 8))


@pytest.fixture
def house(tmp_path):
    """An installation in which alice, who may do nothing, has a password."""
    house = House(tmp_path)
    start = house.clock()
    house.gateway.clock = lambda: start + house.clock.offset
    house.alice = house.client("iam", user(house, "alice"))
    house.client("iam").create_login_profile(UserName="alice", Password=PASSWORD)
    return house


def test_by_default_nobody_changes_a_password(house):
    """Without a permission or the account's consent a user cannot even read the policy."""
    denied(house.alice.change_password, OldPassword=PASSWORD, NewPassword=NEW)
    house.client("iam").update_account_password_policy(MinimumPasswordLength=8)
    denied(house.alice.change_password, OldPassword=PASSWORD, NewPassword=NEW)
    denied(house.alice.get_account_password_policy)


def test_allowed_by_the_password_policy(house):
    """AllowUsersToChangePassword gives every user just these two rights, without any policy of its own."""
    admin = house.client("iam")
    admin.update_account_password_policy(AllowUsersToChangePassword=True)
    assert house.alice.get_account_password_policy()["PasswordPolicy"]["AllowUsersToChangePassword"] is True
    house.alice.change_password(OldPassword=PASSWORD, NewPassword=NEW)
    denied(house.alice.get_user)
    denied(house.alice.update_login_profile, UserName="alice", Password=PASSWORD)
    admin.delete_account_password_policy()
    denied(house.alice.change_password, OldPassword=NEW, NewPassword=PASSWORD)


def test_a_path_changes_nothing(house):
    """A user under a path may change its own password all the same."""
    house.client("iam").update_account_password_policy(AllowUsersToChangePassword=True)
    house.client("iam").update_user(UserName="alice", NewPath="/staff/kitchen/")
    house.alice.change_password(OldPassword=PASSWORD, NewPassword=NEW)


@pytest.mark.parametrize("how", ["deny", "boundary"])
def test_taken_away_again(house, how):
    """What the password policy allows, an explicit Deny and a permissions boundary take away."""
    admin = house.client("iam")
    admin.update_account_password_policy(AllowUsersToChangePassword=True)
    if how == "deny":
        text = document({"Effect": "Deny", "Action": "iam:ChangePassword", "Resource": "*"})
        admin.put_user_policy(UserName="alice", PolicyName="no", PolicyDocument=text)
    else:
        arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
        admin.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=arn)
    denied(house.alice.change_password, OldPassword=PASSWORD, NewPassword=NEW)


def test_a_role_gets_nothing_of_it(house):
    """The consent is for users: a role's session has no password to change."""
    admin = house.client("iam")
    admin.update_account_password_policy(AllowUsersToChangePassword=True)
    trust = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}})
    arn = admin.create_role(RoleName="cook", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    session = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="work")["Credentials"]
    cook = house.client(
        "iam", (session["AccessKeyId"], session["SecretAccessKey"]), token=session["SessionToken"]
    )
    denied(cook.get_account_password_policy)


def test_guessing_the_old_password_must_wait(house):
    """A stolen key cannot try passwords without end: wrong ones count though the call changes nothing."""
    house.client("iam").update_account_password_policy(AllowUsersToChangePassword=True)
    change = house.alice.change_password
    codes = [refused(change, OldPassword="wrong", NewPassword=NEW) for _ in range(6)]
    assert codes == ["AccessDenied"] * 5 + ["Throttling"]
    assert refused(change, OldPassword=PASSWORD, NewPassword=NEW) == "Throttling"
    house.clock.offset = timedelta(seconds=2)
    change(OldPassword=PASSWORD, NewPassword=NEW)


def test_passwords_are_not_recorded(house):
    """No event shows a password, old or new."""
    admin = house.client("iam")
    admin.update_account_password_policy(AllowUsersToChangePassword=True)
    house.alice.change_password(OldPassword=PASSWORD, NewPassword=NEW)
    refused(house.alice.change_password, OldPassword=PASSWORD, NewPassword="Third-Horse-11")
    admin.update_login_profile(UserName="alice", Password=PASSWORD)
    text = b"".join(row.body for row in house.store.events(ACCOUNT, "us-east-1"))
    assert b"ChangePassword" in text
    assert not any(word in text for word in (PASSWORD.encode(), NEW.encode(), b"Third-Horse-11"))
    (event, *_) = house.store.events(ACCOUNT, "us-east-1", attribute=("EventName", "UpdateLoginProfile"))
    assert json.loads(event.body)["requestParameters"]["password"] == "HIDDEN_DUE_TO_SECURITY_REASONS"


def test_characters_and_length(house):
    """The model's bounds hold: 128 characters from the blank to ÿ, besides tab and line ends."""
    admin = house.client("iam")
    longest = "Aa1 é\t\r\n" * 16
    admin.update_login_profile(UserName="alice", Password=longest)
    for password in (longest + "x", "Aa1-enough-中", "Aa1-enough-\0"):
        assert refused(admin.update_login_profile, UserName="alice", Password=password) == "ValidationError"


def test_changes_that_race(house):
    """Of eight changes of one password at the same moment one is made, and its password counts."""
    house.client("iam").update_account_password_policy(AllowUsersToChangePassword=True)
    key = house.client_key("alice")
    clients = [house.client("iam", key) for _ in range(8)]

    def change(number):
        try:
            clients[number].change_password(OldPassword=PASSWORD, NewPassword=f"New-Horse-{number}")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return number

    with ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(change, range(8)))
    (winner,) = (number for number in ended if isinstance(number, int))
    assert {code for code in ended if code != winner} <= {
        "EntityTemporarilyUnmodifiable",
        "AccessDenied",
        "Throttling",
    }
    house.clock.offset = timedelta(hours=1)
    house.alice.change_password(OldPassword=f"New-Horse-{winner}", NewPassword=NEW)
