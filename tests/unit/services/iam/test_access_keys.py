"""Access keys of users and of the root user."""

from datetime import UTC, datetime

import pytest

from masugata.identity.identifiers import account_of_access_key
from masugata.keeper import ACCESS_KEY_PURPOSE
from masugata.records.iam import ACCESS_KEY

MOMENT = datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC)
UNKNOWN = "AKIAIOSFODNN7EXAMPLE"
NOT_A_USER = ("ValidationError", "Must specify userName when calling with non-User credentials", 400)


@pytest.fixture
def alice(iam):
    """The house, with a user alice in it."""
    iam("CreateUser", UserName="alice")
    return iam


def test_create_access_key_shows_the_secret_once(alice):
    """The answer has the secret, the record only the sealed one, bound to the key's id."""
    key = alice("CreateAccessKey", UserName="alice")["AccessKey"]
    assert key == {
        "UserName": "alice",
        "AccessKeyId": key["AccessKeyId"],
        "Status": "Active",
        "SecretAccessKey": key["SecretAccessKey"],
        "CreateDate": MOMENT,
    }
    assert len(key["AccessKeyId"]) == 20
    assert key["AccessKeyId"].startswith("AKIA")
    assert account_of_access_key(key["AccessKeyId"]) == "111122223333"
    assert len(key["SecretAccessKey"]) == 40
    assert alice.touched == [("AWS::IAM::AccessKey", key["AccessKeyId"]), ("AWS::IAM::User", "alice")]
    stored = alice.get(ACCESS_KEY, key["AccessKeyId"])
    assert (
        stored.secret == f"sealed|{ACCESS_KEY_PURPOSE}|{key['AccessKeyId']}|{key['SecretAccessKey']}".encode()
    )
    (listed,) = alice("ListAccessKeys", UserName="alice")["AccessKeyMetadata"]
    assert listed == {name: key[name] for name in ("UserName", "AccessKeyId", "Status", "CreateDate")}


def test_two_keys_at_most(alice):
    """The third key is refused, inactive ones count, another user has its own two."""
    for _ in range(2):
        key_id = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    alice("UpdateAccessKey", UserName="alice", AccessKeyId=key_id, Status="Inactive")
    assert alice.fails("CreateAccessKey", UserName="alice") == (
        "LimitExceeded",
        "Cannot exceed quota for AccessKeysPerUser: 2",
        409,
    )
    alice("CreateUser", UserName="bob")
    alice("CreateAccessKey", UserName="bob")
    alice("DeleteAccessKey", UserName="alice", AccessKeyId=key_id)
    alice("CreateAccessKey", UserName="alice")


def test_update_access_key_switches_it(alice):
    """A key can be switched off and on again."""
    key_id = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    for status, active in (("Inactive", False), ("Active", True)):
        assert alice("UpdateAccessKey", UserName="alice", AccessKeyId=key_id, Status=status) == {}
        assert alice.touched == [("AWS::IAM::AccessKey", key_id), ("AWS::IAM::User", "alice")]
        (listed,) = alice("ListAccessKeys", UserName="alice")["AccessKeyMetadata"]
        assert listed["Status"] == status
        assert alice.get(ACCESS_KEY, key_id).active is active


def test_a_key_cannot_be_made_expired(alice):
    """The model's third status is for other credentials, and is refused here."""
    key_id = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    assert alice.fails("UpdateAccessKey", UserName="alice", AccessKeyId=key_id, Status="Expired") == (
        "InvalidInput",
        "The status of an access key can be set to Active or Inactive, not to Expired.",
        400,
    )


def test_delete_access_key(alice):
    """A deleted key is gone, and cannot be deleted again."""
    key_id = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    assert alice("DeleteAccessKey", UserName="alice", AccessKeyId=key_id) == {}
    assert alice.touched == [("AWS::IAM::AccessKey", key_id), ("AWS::IAM::User", "alice")]
    assert alice("ListAccessKeys", UserName="alice") == {"AccessKeyMetadata": [], "IsTruncated": False}
    assert alice.fails("DeleteAccessKey", UserName="alice", AccessKeyId=key_id)[0] == "NoSuchEntity"


@pytest.mark.parametrize(
    ("operation", "members"), [("UpdateAccessKey", {"Status": "Inactive"}), ("DeleteAccessKey", {})]
)
def test_unknown_keys_are_refused(alice, operation, members):
    """A key that does not exist is unknown, and so is another user's or the root user's."""
    alice("CreateUser", UserName="bob")
    others = [alice("CreateAccessKey", **owner)["AccessKey"] for owner in ({"UserName": "bob"}, {})]
    for key_id in (UNKNOWN, *(key["AccessKeyId"] for key in others)):
        assert alice.fails(operation, UserName="alice", AccessKeyId=key_id, **members) == (
            "NoSuchEntity",
            f"The Access Key with id {key_id} cannot be found.",
            404,
        )


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("CreateAccessKey", {}),
        ("ListAccessKeys", {}),
        ("UpdateAccessKey", {"AccessKeyId": UNKNOWN, "Status": "Inactive"}),
        ("DeleteAccessKey", {"AccessKeyId": UNKNOWN}),
    ],
)
def test_owners_must_exist(alice, operation, members):
    """An unknown user is refused, and a role's session must name one."""
    assert alice.fails(operation, UserName="bob", **members) == (
        "NoSuchEntity",
        "The user with name bob cannot be found.",
        404,
    )
    alice.act_as(alice.role_session(alice.add_role("deployer")))
    assert alice.fails(operation, **members) == NOT_A_USER


def test_users_manage_their_own_keys(alice):
    """Without a name, a user's calls are about itself, and cannot reach another's keys."""
    alice("CreateUser", UserName="bob")
    bobs = alice("CreateAccessKey", UserName="bob")["AccessKey"]["AccessKeyId"]
    alice.act_as(alice.user("alice"))
    key = alice("CreateAccessKey")["AccessKey"]
    assert key["UserName"] == "alice"
    assert [k["AccessKeyId"] for k in alice("ListAccessKeys")["AccessKeyMetadata"]] == [key["AccessKeyId"]]
    alice("UpdateAccessKey", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    alice("DeleteAccessKey", AccessKeyId=key["AccessKeyId"])
    assert alice.fails("DeleteAccessKey", AccessKeyId=bobs)[0] == "NoSuchEntity"
    assert alice.get(ACCESS_KEY, bobs) is not None


def test_the_root_user_manages_its_own_keys(iam):
    """The root user's keys belong to the account and show no user name; two at most."""
    key = iam("CreateAccessKey")["AccessKey"]
    assert "UserName" not in key
    assert iam.touched == [("AWS::IAM::AccessKey", key["AccessKeyId"])]
    assert iam.get(ACCESS_KEY, key["AccessKeyId"]).owner_id == "111122223333"
    assert iam("ListAccessKeys")["AccessKeyMetadata"] == [
        {"AccessKeyId": key["AccessKeyId"], "Status": "Active", "CreateDate": MOMENT}
    ]
    iam("CreateAccessKey")
    assert iam.fails("CreateAccessKey")[1] == "Cannot exceed quota for AccessKeysPerUser: 2"
    iam("DeleteAccessKey", AccessKeyId=key["AccessKeyId"])
    assert iam("GetAccountSummary")["SummaryMap"]["AccountAccessKeysPresent"] == 1


def test_list_access_keys_in_pages(alice):
    """Keys are listed by id and in pages."""
    ids = sorted(alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"] for _ in range(2))
    first = alice("ListAccessKeys", UserName="alice", MaxItems=1)
    rest = alice("ListAccessKeys", UserName="alice", MaxItems=1, Marker=first["Marker"])
    assert [key["AccessKeyId"] for page in (first, rest) for key in page["AccessKeyMetadata"]] == ids
    assert (first["IsTruncated"], rest["IsTruncated"]) == (True, False)


def test_last_used_never(alice):
    """A key that was never used has no date, and N/A for service and Region."""
    key_id = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    assert alice("GetAccessKeyLastUsed", AccessKeyId=key_id) == {
        "UserName": "alice",
        "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"},
    }


def test_last_used(alice):
    """The last use is shown as it was noted, in UTC."""
    key_id = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    alice.store.touch(
        f"access-key/{key_id}", b'{"date": 1795437000, "service": "sts", "region": "eu-west-1"}'
    )
    assert alice("GetAccessKeyLastUsed", AccessKeyId=key_id)["AccessKeyLastUsed"] == {
        "LastUsedDate": datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
        "ServiceName": "sts",
        "Region": "eu-west-1",
    }


def test_last_used_without_a_region(alice):
    """A use that has no Region shows N/A for it."""
    key_id = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    alice.store.touch(f"access-key/{key_id}", b'{"date": 1795437000, "service": "iam"}')
    assert alice("GetAccessKeyLastUsed", AccessKeyId=key_id)["AccessKeyLastUsed"]["Region"] == "N/A"


def test_last_used_of_a_root_key(iam):
    """A root user's key shows no user name."""
    key_id = iam("CreateAccessKey")["AccessKey"]["AccessKeyId"]
    assert set(iam("GetAccessKeyLastUsed", AccessKeyId=key_id)) == {"AccessKeyLastUsed"}


def test_last_used_of_other_accounts_is_denied(alice):
    """Keys that do not exist and keys of other accounts are denied alike, in AWS's words."""
    theirs = alice("CreateAccessKey", UserName="alice")["AccessKey"]["AccessKeyId"]
    alice.add_account("444455556666")
    alice.act_as(alice.root("444455556666"))
    refusal = "User: arn:aws:iam::444455556666:root is not authorized to perform iam:GetAccessKeyLastUsed"
    for key_id in (UNKNOWN, theirs):
        assert alice.fails("GetAccessKeyLastUsed", AccessKeyId=key_id) == (
            "AccessDenied",
            f"{refusal} on resource: access key {key_id}",
            403,
        )
