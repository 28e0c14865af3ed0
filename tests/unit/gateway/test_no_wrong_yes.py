"""Tricks by which a policy might be passed: each is refused."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from masugata.records.iam import ACCESS_KEY
from masugata.server import Credentials, sealed_key
from policies import allow, deny, document
from support import ACCOUNT, House
from unit.gateway.people import ALL, IAM, denied, policy, refused, role, session, user


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An installation of the test's own."""
    return House(tmp_path)


def test_own_user_only(house: House) -> None:
    """`user/${aws:username}` is one's own name as it is spelled, and no longer or shorter one."""
    key = user(house, "bob", allow("iam:*", f"{IAM}user/${{aws:username}}"))
    for other in ("bobby", "robert"):
        user(house, other)
    iam = house.client("iam", key)
    assert iam.get_user(UserName="bob")["User"]["UserName"] == "bob"
    for name in ("bobby", "BOB", "robert", "bo"):
        denied(iam.get_user, UserName=name)
        denied(iam.create_access_key, UserName=name)
    for change in ({"NewUserName": "admin2"}, {"NewPath": "/admins/"}):
        denied(iam.update_user, UserName="bob", **change)


def test_wildcards_in_requests_are_text(house: House) -> None:
    """A wildcard in a path or ARN of a request is a character, not a pattern."""
    iam = house.client("iam")
    assert refused(iam.create_user, UserName="*") == "ValidationError"
    key = user(house, "bob", allow(["iam:ListUsers", "iam:CreateUser"], f"{IAM}user/kitchen/*"))
    arn = role(house, "Cook", ALL)
    for path in ("/*/", "/*", "/kitche?/"):
        denied(house.client("iam", key).list_users, PathPrefix=path)
    denied(house.client("iam", key).create_user, UserName="eve", Path="/*/")
    for pattern in (f"{IAM}role/*", f"{IAM}role/Coo?", arn.replace(ACCOUNT, "*")):
        denied(house.client("sts").assume_role, RoleArn=pattern, RoleSessionName="one")


def test_path_of_a_user_binds_calls_by_name(house: House) -> None:
    """A policy on a path holds for calls that name the user alone."""
    house.client("iam").create_user(UserName="boss", Path="/bosses/")
    key = user(house, "bob", allow("iam:*"), deny("iam:*", f"{IAM}user/bosses/*"))
    iam = house.client("iam", key)
    denied(iam.get_user, UserName="boss")
    denied(iam.delete_user, UserName="boss")
    narrow = user(house, "narrow", allow("iam:GetUser", f"{IAM}user/boss"))
    denied(house.client("iam", narrow).get_user, UserName="boss")


def test_listing_is_bound_to_its_path(house: House) -> None:
    """Who may list one path lists no other, nor all."""
    key = user(house, "bob", allow("iam:ListUsers", f"{IAM}user/kitchen/*"))
    iam = house.client("iam", key)
    iam.list_users(PathPrefix="/kitchen/")
    for prefix in ({}, {"PathPrefix": "/"}, {"PathPrefix": "/kitchen"}, {"PathPrefix": "/KITCHEN/"}):
        denied(iam.list_users, **prefix)


def test_keys_of_conditions_that_aws_does_not_have(house: House) -> None:
    """A condition on a key that AWS has not for an action is unmet: it does not allow."""
    boundary = policy(house, "Boundary", ALL)
    bread = policy(house, "Bread", ALL, Tags=[{"Key": "Team", "Value": "red"}])
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    tagged = {"StringEquals": {"iam:ResourceTag/Team": "red"}}
    key = user(
        house,
        "bob",
        allow(["iam:DeleteUser", "iam:UpdateUser", "iam:CreateAccessKey"], **bounded),
        allow("iam:DeletePolicy", **tagged),
    )
    house.client("iam").create_user(UserName="eve", PermissionsBoundary=boundary)
    iam = house.client("iam", key)
    denied(iam.create_access_key, UserName="eve")
    denied(iam.update_user, UserName="eve", NewUserName="adam")
    denied(iam.delete_user, UserName="eve")
    denied(iam.delete_policy, PolicyArn=bread)


def test_delegation_with_a_boundary(house: House) -> None:
    """Who may create only bounded users cannot make, free or empower an unbounded one."""
    boundary = policy(house, "Boundary", allow("cloudtrail:*"))
    weak = policy(house, "Weak", ALL)
    only = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    actions = [
        "iam:CreateUser",
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:PutUserPermissionsBoundary",
    ]
    key = user(
        house,
        "bob",
        allow(actions, **only),
        allow(["iam:CreateAccessKey", "iam:AddUserToGroup", "iam:TagUser"]),
        deny(["iam:DeleteUserPermissionsBoundary"]),
    )
    house.client("iam").create_user(UserName="free")
    iam = house.client("iam", key)
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    denied(iam.create_user, UserName="eve")
    for wrong in (weak, boundary.lower(), boundary.replace(":policy/", ":policy//"), f"{boundary}x"):
        denied(iam.create_user, UserName="eve", PermissionsBoundary=wrong)
    iam.create_user(UserName="eve", PermissionsBoundary=boundary)
    denied(iam.delete_user_permissions_boundary, UserName="eve")
    denied(iam.put_user_permissions_boundary, UserName="eve", PermissionsBoundary=weak)
    denied(iam.attach_user_policy, UserName="free", PolicyArn=administrator)
    denied(iam.put_user_policy, UserName="free", PolicyName="p", PolicyDocument=document(ALL))
    iam.attach_user_policy(UserName="eve", PolicyArn=administrator)
    eve = iam.create_access_key(UserName="eve")["AccessKey"]
    hers = house.client("iam", (eve["AccessKeyId"], eve["SecretAccessKey"]))
    denied(hers.create_user, UserName="puppet")


def test_boundary_binds_what_groups_give(house: House) -> None:
    """Membership adds nothing beyond the boundary."""
    iam = house.client("iam")
    boundary = policy(house, "Boundary", allow("iam:GetUser"))
    key = user(house, "bob", PermissionsBoundary=boundary)
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.add_user_to_group(GroupName="admins", UserName="bob")
    assert house.client("iam", key).get_user()["User"]["UserName"] == "bob"
    denied(house.client("iam", key).list_users)


def test_group_is_what_adding_is_judged_on(house: House) -> None:
    """Permission on one's own user does not let one join a group."""
    house.client("iam").create_group(GroupName="admins")
    key = user(house, "bob", allow("iam:*", f"{IAM}user/bob"))
    denied(house.client("iam", key).add_user_to_group, GroupName="admins", UserName="bob")


def test_leaving_a_group_ends_its_permissions(house: House) -> None:
    """What a group gave and denied ends with the membership, at the next call."""
    iam = house.client("iam")
    key = user(house, "bob")
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=document(allow("iam:ListUsers")))
    iam.add_user_to_group(GroupName="readers", UserName="bob")
    assert house.client("iam", key).list_users()["Users"]
    iam.remove_user_from_group(GroupName="readers", UserName="bob")
    denied(house.client("iam", key).list_users)


def test_default_version_swap_binds_at_once(house: House) -> None:
    """The version that is in force is the one that was made default last."""
    iam = house.client("iam")
    arn = policy(house, "Swap", allow("iam:ListUsers"))
    key = user(house, "bob")
    iam.attach_user_policy(UserName="bob", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow("iam:ListRoles")))
    assert house.client("iam", key).list_users()["Users"]
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    denied(house.client("iam", key).list_users)
    house.client("iam", key).list_roles()


def test_adding_a_default_version_is_judged_on_the_policy(house: House) -> None:
    """Nobody rewrites the policy that binds them without a permission on that policy."""
    arn = policy(house, "Mine", allow("iam:CreatePolicyVersion", f"{IAM}policy/other/*"))
    key = user(house, "bob")
    house.client("iam").attach_user_policy(UserName="bob", PolicyArn=arn)
    iam = house.client("iam", key)
    denied(iam.create_policy_version, PolicyArn=arn, PolicyDocument=document(ALL), SetAsDefault=True)
    denied(iam.create_policy_version, PolicyArn=f"{IAM}policy/Mine", PolicyDocument=document(ALL))


def test_attaching_is_bound_by_the_exact_arn(house: House) -> None:
    """`iam:PolicyARN` is compared with what is attached; no spelling of AWS's passes for another."""
    key = user(
        house,
        "bob",
        allow("iam:AttachUserPolicy", ArnEquals={"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    )
    iam = house.client("iam", key)
    iam.attach_user_policy(UserName="bob", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    for arn in (
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/READONLYACCESS",
        "arn:aws:iam::aws:policy//ReadOnlyAccess",
        "arn:aws:iam::aws:policy/x/ReadOnlyAccess",
    ):
        denied(iam.attach_user_policy, UserName="bob", PolicyArn=arn)


def test_tag_conditions(house: House) -> None:
    """Tag keys in conditions ignore case, values do not, and untagging has no request tags."""
    key = user(
        house,
        "bob",
        allow(["iam:TagUser", "iam:UntagUser"], StringEquals={"aws:RequestTag/team": "red"}),
        allow("iam:DeleteUser", StringEquals={"iam:ResourceTag/TEAM": "red"}),
    )
    house.client("iam").create_user(UserName="eve", Tags=[{"Key": "team", "Value": "Red"}])
    iam = house.client("iam", key)
    iam.tag_user(UserName="bob", Tags=[{"Key": "TEAM", "Value": "red"}])
    denied(iam.tag_user, UserName="bob", Tags=[{"Key": "team", "Value": "RED"}])
    denied(
        iam.tag_user, UserName="bob", Tags=[{"Key": "Team", "Value": "red"}, {"Key": "team", "Value": "x"}]
    )
    denied(iam.untag_user, UserName="bob", TagKeys=["team"])
    denied(iam.delete_user, UserName="eve")


def test_federated_user_is_bound_by_its_users_tags(house: House) -> None:
    """A Deny on a tag of the user holds for the federated users behind it too."""
    tags = {"StringEquals": {"aws:PrincipalTag/Team": "red"}}
    key = user(house, "bob", ALL, deny("cloudtrail:*", **tags), Tags=[{"Key": "Team", "Value": "red"}])
    answer = house.client("sts", key).get_federation_token(Name="taro", Policy=document(ALL))
    with pytest.raises(ClientError, match="explicit deny"):
        session(house, answer["Credentials"], "cloudtrail").lookup_events()


def test_session_cannot_widen_itself(house: House) -> None:
    """A session cannot leave its session policy by assuming its role again."""
    arn = role(house, "Cook", ALL)
    narrow = house.client("sts").assume_role(
        RoleArn=arn, RoleSessionName="one", Policy=document(allow("iam:ListUsers"))
    )["Credentials"]
    denied(session(house, narrow, "sts").assume_role, RoleArn=arn, RoleSessionName="two")
    denied(session(house, narrow, "iam").list_roles)


def test_chain_passes_on_source_identity_and_tags(house: House) -> None:
    """A role that does not admit tags and a source identity is not entered from a chain that has them."""
    first = role(house, "First", ALL, action=["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
    plain = role(house, "Plain", ALL)
    sts = house.client("sts")
    tagged = sts.assume_role(
        RoleArn=first,
        RoleSessionName="one",
        Tags=[{"Key": "Team", "Value": "red"}],
        TransitiveTagKeys=["Team"],
    )["Credentials"]
    denied(session(house, tagged, "sts").assume_role, RoleArn=plain, RoleSessionName="two")
    named = sts.assume_role(RoleArn=first, RoleSessionName="one", SourceIdentity="hanako")["Credentials"]
    denied(session(house, named, "sts").assume_role, RoleArn=plain, RoleSessionName="two")


def test_session_policy_of_another_account(house: House) -> None:
    """A managed session policy must be the account's or AWS's own."""
    arn = role(house, "Cook", ALL)
    theirs = "arn:aws:iam::444455556666:policy/Everything"
    sts = house.client("sts")
    for policies in ([{"arn": theirs}], [{"arn": f"{IAM}policy/nobodys"}]):
        code = refused(sts.assume_role, RoleArn=arn, RoleSessionName="one", PolicyArns=policies)
        assert code == "MalformedPolicyDocument"


def test_recreated_user_starts_anew(house: House) -> None:
    """Neither the key, nor a session, nor a group of the user before opens anything for a namesake."""
    iam = house.client("iam")
    key = user(house, "bob", ALL)
    credentials = house.client("sts", key).get_session_token()["Credentials"]
    iam.delete_access_key(UserName="bob", AccessKeyId=key[0])
    iam.delete_user_policy(UserName="bob", PolicyName="p")
    iam.delete_user(UserName="bob")
    again = user(house, "bob")
    assert refused(house.client("iam", key).list_users) == "InvalidClientTokenId"
    assert refused(session(house, credentials, "sts").get_caller_identity) == "InvalidClientTokenId"
    denied(house.client("iam", again).list_users)


def test_keys_of_others(house: House) -> None:
    """A key is changed under its owner's name and permission; root's last use is not for users."""
    key = user(house, "bob", allow("iam:*", f"{IAM}user/bob"))
    other = user(house, "eve")
    iam = house.client("iam", key)
    for owner in ({}, {"UserName": "bob"}):
        code = refused(iam.delete_access_key, AccessKeyId=other[0], **owner)
        assert code == "NoSuchEntity"
    denied(iam.delete_access_key, AccessKeyId=other[0], UserName="eve")
    denied(iam.get_access_key_last_used, AccessKeyId=other[0])
    root = sealed_key(house.keeper, Credentials("ROOTKEYROOTKEYROOTKE", "r" * 40), ACCOUNT, house.clock())
    house.store.submit(lambda transaction: transaction.put(ACCESS_KEY, ACCOUNT, root)).result()
    denied(iam.get_access_key_last_used, AccessKeyId="ROOTKEYROOTKEYROOTKE")
    assert iam.get_access_key_last_used(AccessKeyId=key[0])["UserName"] == "bob"


def test_explicit_denies_win_over_everything(house: House) -> None:
    """A Deny in the boundary, in a group or in a session policy holds for an administrator."""
    no = deny("iam:ListUsers")
    iam = house.client("iam")
    bounded = user(house, "bounded", ALL, PermissionsBoundary=policy(house, "B", ALL, no))
    member = user(house, "member", ALL)
    iam.create_group(GroupName="g")
    iam.put_group_policy(GroupName="g", PolicyName="p", PolicyDocument=document(no))
    iam.add_user_to_group(GroupName="g", UserName="member")
    arn = role(house, "Cook", ALL)
    narrowed = house.client("sts").assume_role(RoleArn=arn, RoleSessionName="one", Policy=document(ALL, no))[
        "Credentials"
    ]
    for client in (
        house.client("iam", bounded),
        house.client("iam", member),
        session(house, narrowed, "iam"),
    ):
        client.list_roles()
        with pytest.raises(ClientError, match="explicit deny"):
            client.list_users()
