"""Users: creating, showing, listing, renaming, deleting."""

from datetime import UTC, datetime

import pytest

from masugata.records.account import ACCOUNT
from masugata.records.iam import MANAGED_POLICY, USER, ManagedPolicy, PolicyVersion, User

MOMENT = datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BOUNDARY = "arn:aws:iam::111122223333:policy/limits/Edge"


def managed_policy(name, path="/"):
    version = PolicyVersion(number=1, document="{}", create_date=MOMENT)
    return ManagedPolicy(
        name=name,
        path=path,
        id=f"ANPA{name.upper():A<17}",
        create_date=MOMENT,
        update_date=MOMENT,
        versions=(version,),
        default_version=1,
        latest_version=1,
    )


def test_create_user_answers_the_user(iam):
    """A created user has AWS's members only, its time in whole seconds, and is named in the event."""
    user = iam("CreateUser", UserName="Alice", Path="/staff/")["User"]
    assert user == {
        "Path": "/staff/",
        "UserName": "Alice",
        "UserId": user["UserId"],
        "Arn": "arn:aws:iam::111122223333:user/staff/Alice",
        "CreateDate": MOMENT,
    }
    assert user["UserId"].startswith("AIDA")
    assert len(user["UserId"]) == 21
    assert iam.touched == [("AWS::IAM::User", "Alice")]
    assert iam("GetUser", UserName="Alice") == {"User": user}


def test_create_user_without_path(iam):
    """The path is `/` if none is given."""
    assert iam("CreateUser", UserName="bob")["User"]["Arn"] == "arn:aws:iam::111122223333:user/bob"


def test_create_user_shows_tags_and_boundary(iam):
    """Tags and boundary are shown by CreateUser and GetUser, but not by ListUsers, as in AWS."""
    tags = [{"Key": "Team", "Value": "Platform"}, {"Key": "Cost", "Value": ""}]
    user = iam("CreateUser", UserName="alice", Tags=tags, PermissionsBoundary=READ_ONLY)["User"]
    assert user["Tags"] == tags
    assert user["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": READ_ONLY,
    }
    assert iam("GetUser", UserName="alice")["User"] == user
    (listed,) = iam("ListUsers")["Users"]
    assert set(listed) == {"Path", "UserName", "UserId", "Arn", "CreateDate"}


@pytest.mark.parametrize("name", ["alice", "ALICE"])
def test_create_user_refuses_a_taken_name(iam, name):
    """Names are unique without regard to case."""
    iam("CreateUser", UserName="alice")
    assert iam.fails("CreateUser", UserName=name) == (
        "EntityAlreadyExists",
        f"User with name {name} already exists.",
        409,
    )


def test_names_of_other_accounts_are_free(iam):
    """Two accounts may have a user of the same name each."""
    iam("CreateUser", UserName="alice")
    iam.add_account("444455556666")
    iam.act_as(iam.root("444455556666"))
    user = iam("CreateUser", UserName="alice")["User"]
    assert user["Arn"] == "arn:aws:iam::444455556666:user/alice"
    assert iam("ListUsers")["Users"] == [user]


def test_create_user_with_a_customer_managed_boundary(iam):
    """A customer managed policy can be the boundary, if its whole ARN is right."""
    iam.put(MANAGED_POLICY, managed_policy("Edge", "/limits/"))
    user = iam("CreateUser", UserName="alice", PermissionsBoundary=BOUNDARY)["User"]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
    wrong_path = "arn:aws:iam::111122223333:policy/Edge"
    assert iam.fails("CreateUser", UserName="bob", PermissionsBoundary=wrong_path) == (
        "NoSuchEntity",
        f"Scope ARN: {wrong_path} does not exist or is not attachable.",
        404,
    )


def test_create_user_refuses_an_unknown_aws_boundary(iam):
    """An ARN in AWS's own account must be one of its policies."""
    arn = "arn:aws:iam::aws:policy/NoSuchPolicyAtAll"
    assert iam.fails("CreateUser", UserName="bob", PermissionsBoundary=arn) == (
        "NoSuchEntity",
        f"Scope ARN: {arn} does not exist or is not attachable.",
        404,
    )


@pytest.mark.parametrize(
    "arn",
    ["not-an-arn-but-long-enough", "arn:aws:iam::111122223333:role/admin", "arn:aws:s3:::policy/x-and-more"],
)
def test_create_user_refuses_what_is_no_policy_arn(iam, arn):
    """A boundary must have the form of a policy's ARN."""
    assert iam.fails("CreateUser", UserName="bob", PermissionsBoundary=arn) == (
        "InvalidInput",
        f"ARN {arn} is not valid.",
        400,
    )


def test_create_user_refuses_duplicate_tags(iam):
    """Tag keys are unique without regard to case, at creation too."""
    tags = [{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}]
    assert iam.fails("CreateUser", UserName="bob", Tags=tags) == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        400,
    )


def test_create_user_respects_the_quota(iam):
    """The 5001st user is refused."""
    users = [User(name=f"u{n}", id=f"AIDA{n:017}", create_date=MOMENT) for n in range(4999)]
    iam.put(USER, *users)
    iam("CreateUser", UserName="last")
    assert iam.fails("CreateUser", UserName="one-more") == (
        "LimitExceeded",
        "Cannot exceed quota for UsersPerAccount: 5000",
        409,
    )


@pytest.mark.parametrize("name", ["bob", "ALICE"])
@pytest.mark.parametrize("operation", ["GetUser", "UpdateUser", "DeleteUser"])
def test_unknown_users_are_refused(iam, operation, name):
    """An unknown name is NoSuchEntity, and so is a known one in another case."""
    iam("CreateUser", UserName="alice")
    assert iam.fails(operation, UserName=name) == (
        "NoSuchEntity",
        f"The user with name {name} cannot be found.",
        404,
    )


def test_get_user_without_a_name_is_the_caller(iam):
    """A user that asks for no name sees itself."""
    iam("CreateUser", UserName="bob")
    alice = iam("CreateUser", UserName="Alice")
    iam.act_as(iam.user("Alice"))
    assert iam("GetUser") == alice


def test_get_user_shows_the_root_user(iam):
    """The root user has the account id as its id, and neither path nor name."""
    assert iam("GetUser") == {
        "User": {
            "UserId": "111122223333",
            "Arn": "arn:aws:iam::111122223333:root",
            "CreateDate": iam.get(ACCOUNT, "111122223333").create_date,
        }
    }


def test_the_alias_names_the_root_user(iam):
    """With an account alias, AWS shows it as the root user's name."""
    iam("CreateAccountAlias", AccountAlias="castle")
    assert iam("GetUser")["User"]["UserName"] == "castle"


def test_get_user_as_a_role_needs_a_name(iam):
    """A session of a role is no user, so it must name one."""
    iam("CreateUser", UserName="alice")
    iam.act_as(iam.role_session(iam.add_role("deployer")))
    assert iam.fails("GetUser") == (
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
        400,
    )
    assert iam("GetUser", UserName="alice")["User"]["UserName"] == "alice"


def test_list_users_by_name(iam):
    """Users are listed by name without regard to case, and filtered by a prefix of their path."""
    for name, path in [("bob", "/"), ("Alice", "/staff/"), ("carol", "/staff/night/"), ("Dave", "/")]:
        iam("CreateUser", UserName=name, Path=path)
    listed = iam("ListUsers")
    assert [user["UserName"] for user in listed["Users"]] == ["Alice", "bob", "carol", "Dave"]
    assert listed["IsTruncated"] is False
    assert "Marker" not in listed
    some = iam("ListUsers", PathPrefix="/st")["Users"]
    assert [user["UserName"] for user in some] == ["Alice", "carol"]
    assert iam("ListUsers", PathPrefix="/none/") == {"Users": [], "IsTruncated": False}


def test_list_users_in_pages(iam):
    """Pages continue after the marker, also when the user that it came from is gone."""
    for name in ("a", "b", "c", "d", "e"):
        iam("CreateUser", UserName=name)
    first = iam("ListUsers", MaxItems=2)
    assert [user["UserName"] for user in first["Users"]] == ["a", "b"]
    assert first["IsTruncated"] is True
    iam("DeleteUser", UserName="b")
    second = iam("ListUsers", MaxItems=2, Marker=first["Marker"])
    assert [user["UserName"] for user in second["Users"]] == ["c", "d"]
    last = iam("ListUsers", MaxItems=2, Marker=second["Marker"])
    assert [user["UserName"] for user in last["Users"]] == ["e"]
    assert last["IsTruncated"] is False
    assert "Marker" not in last


@pytest.mark.parametrize("marker", ["nonsense!", "bm8", "bm8=", "Af_-", "ä"])
def test_list_users_refuses_foreign_markers(iam, marker):
    """A marker that this house did not make is a ValidationError, not a first page."""
    code, message, status = iam.fails("ListUsers", Marker=marker)
    assert (code, status) == ("ValidationError", 400)
    assert f"`{marker}`" in message


def test_update_user_keeps_everything_but_name_and_path(iam):
    """A renamed user keeps its id, creation time, keys, groups, tags and policies."""
    created = iam("CreateUser", UserName="bob", Tags=[{"Key": "k", "Value": "v"}])["User"]
    iam("CreateGroup", GroupName="devs")
    iam("AddUserToGroup", GroupName="devs", UserName="bob")
    key_id = iam("CreateAccessKey", UserName="bob")["AccessKey"]["AccessKeyId"]
    iam.later(days=1)
    assert iam("UpdateUser", UserName="bob", NewUserName="Robert", NewPath="/staff/") == {}
    assert iam.touched == [("AWS::IAM::User", "bob"), ("AWS::IAM::User", "Robert")]
    assert iam("GetUser", UserName="Robert")["User"] == {
        **created,
        "UserName": "Robert",
        "Path": "/staff/",
        "Arn": "arn:aws:iam::111122223333:user/staff/Robert",
    }
    assert iam.fails("GetUser", UserName="bob")[0] == "NoSuchEntity"
    assert [user["UserName"] for user in iam("GetGroup", GroupName="devs")["Users"]] == ["Robert"]
    (key,) = iam("ListAccessKeys", UserName="Robert")["AccessKeyMetadata"]
    assert (key["AccessKeyId"], key["UserName"]) == (key_id, "Robert")
    assert iam("GetAccessKeyLastUsed", AccessKeyId=key_id)["UserName"] == "Robert"


def test_update_user_only_the_path(iam):
    """A user can be moved under its own name, also when that is given again."""
    iam("CreateUser", UserName="bob")
    iam("UpdateUser", UserName="bob", NewUserName="bob", NewPath="/staff/")
    assert iam.touched == [("AWS::IAM::User", "bob")]
    assert iam("GetUser", UserName="bob")["User"]["Path"] == "/staff/"


def test_update_user_only_the_case(iam):
    """A user's own name in another case is free for it."""
    iam("CreateUser", UserName="bob")
    iam("UpdateUser", UserName="bob", NewUserName="Bob")
    assert [user["UserName"] for user in iam("ListUsers")["Users"]] == ["Bob"]


def test_update_user_refuses_a_taken_name(iam):
    """Nobody can be renamed to somebody else."""
    iam("CreateUser", UserName="alice")
    iam("CreateUser", UserName="bob")
    assert iam.fails("UpdateUser", UserName="bob", NewUserName="Alice") == (
        "EntityAlreadyExists",
        "User with name Alice already exists.",
        409,
    )


def test_a_recreated_namesake_inherits_nothing(iam):
    """A new user with the name of a renamed one has another id and no keys or groups."""
    old = iam("CreateUser", UserName="bob")["User"]
    iam("CreateAccessKey", UserName="bob")
    iam("UpdateUser", UserName="bob", NewUserName="robert")
    new = iam("CreateUser", UserName="bob")["User"]
    assert new["UserId"] != old["UserId"]
    assert iam("ListAccessKeys", UserName="bob")["AccessKeyMetadata"] == []


def test_delete_user_wants_everything_removed_first(iam):
    """What remains is refused in AWS's words, until nothing is left; a boundary may stay."""
    iam("CreateUser", UserName="bob", PermissionsBoundary=READ_ONLY, Tags=[{"Key": "k", "Value": "v"}])
    iam("CreateGroup", GroupName="devs")
    iam("AddUserToGroup", GroupName="devs", UserName="bob")
    key_id = iam("CreateAccessKey", UserName="bob")["AccessKey"]["AccessKeyId"]
    iam("UpdateAccessKey", UserName="bob", AccessKeyId=key_id, Status="Inactive")
    bob = iam.get(USER, "bob")
    fields = {name: getattr(bob, name) for name in bob.__struct_fields__}
    policies = {"attached_policies": (READ_ONLY,), "inline_policies": {"p": "{}"}}
    iam.put(USER, User(**{**fields, **policies}))

    def conflict():
        code, message, status = iam.fails("DeleteUser", UserName="bob")
        assert (code, status) == ("DeleteConflict", 409)
        return message

    assert conflict() == "Cannot delete entity, must delete access keys first."
    iam("DeleteAccessKey", UserName="bob", AccessKeyId=key_id)
    assert conflict() == "Cannot delete entity, must delete policies first."
    iam.put(USER, User(**{**fields, "attached_policies": (READ_ONLY,)}))
    assert conflict() == "Cannot delete entity, must detach all policies first."
    iam.put(USER, User(**fields))
    assert conflict() == "Cannot delete entity, must remove users from group first."
    iam("RemoveUserFromGroup", GroupName="devs", UserName="bob")
    assert iam("DeleteUser", UserName="bob") == {}
    assert iam.touched == [("AWS::IAM::User", "bob")]
    assert iam("ListUsers")["Users"] == []
