"""The life of users, groups, roles, instance profiles and their policies."""

import json
from typing import Any

from policies import allow, deny, document
from support import ACCOUNT

IAM = f"arn:aws:iam::{ACCOUNT}:"
ANY, NOTHING = document(allow()), document(deny())
TRUST = document(
    {
        "Effect": "Allow",
        "Principal": {"AWS": ACCOUNT},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    }
)
TAGS = [{"Key": "Team", "Value": "red"}, {"Key": "Shop", "Value": "bakery"}, {"Key": "Town", "Value": "Nara"}]
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def users_and_groups(iam: Any) -> None:
    """The life of a user, its keys and its group."""
    user = iam.create_user(UserName="hanako", Path="/staff/", Tags=TAGS[:1])["User"]
    assert user["Arn"] == f"{IAM}user/staff/hanako"
    iam.put_user_permissions_boundary(UserName="hanako", PermissionsBoundary=READ_ONLY)
    assert iam.get_user(UserName="hanako")["User"]["Tags"] == TAGS[:1]
    iam.delete_user_permissions_boundary(UserName="hanako")
    assert {item["UserName"] for item in iam.list_users()["Users"]} == {"admin", "hanako"}
    iam.tag_user(UserName="hanako", Tags=TAGS[1:])
    iam.untag_user(UserName="hanako", TagKeys=["Team"])
    assert iam.list_user_tags(UserName="hanako")["Tags"] == TAGS[1:]
    key = iam.create_access_key(UserName="hanako")["AccessKey"]
    assert len(iam.list_access_keys(UserName="hanako")["AccessKeyMetadata"]) == 1
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["AccessKeyLastUsed"]["ServiceName"] == "N/A"
    iam.update_access_key(UserName="hanako", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    iam.delete_access_key(UserName="hanako", AccessKeyId=key["AccessKeyId"])
    group = iam.create_group(GroupName="bakers", Path="/kitchen/")["Group"]
    assert group["Arn"] == f"{IAM}group/kitchen/bakers"
    iam.add_user_to_group(GroupName="bakers", UserName="hanako")
    assert [item["UserName"] for item in iam.get_group(GroupName="bakers")["Users"]] == ["hanako"]
    assert [item["GroupName"] for item in iam.list_groups_for_user(UserName="hanako")["Groups"]] == ["bakers"]
    iam.update_group(GroupName="bakers", NewGroupName="cooks")
    assert [item["GroupName"] for item in iam.list_groups()["Groups"]] == ["cooks"]
    policies_of(iam, "user", UserName="hanako")
    policies_of(iam, "group", GroupName="cooks")
    iam.remove_user_from_group(GroupName="cooks", UserName="hanako")
    iam.delete_group(GroupName="cooks")
    iam.update_user(UserName="hanako", NewUserName="taro", NewPath="/")
    iam.delete_user(UserName="taro")


def policies_of(iam: Any, kind: str, **name: str) -> None:
    """Inline and attached policies of a user, group or role."""
    getattr(iam, f"put_{kind}_policy")(**name, PolicyName="p", PolicyDocument=ANY)
    assert getattr(iam, f"list_{kind}_policies")(**name)["PolicyNames"] == ["p"]
    document = getattr(iam, f"get_{kind}_policy")(**name, PolicyName="p")["PolicyDocument"]
    assert document == json.loads(ANY)
    getattr(iam, f"delete_{kind}_policy")(**name, PolicyName="p")
    getattr(iam, f"attach_{kind}_policy")(**name, PolicyArn=READ_ONLY)
    attached = getattr(iam, f"list_attached_{kind}_policies")(**name)["AttachedPolicies"]
    assert attached == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ_ONLY}]
    assert iam.list_entities_for_policy(PolicyArn=READ_ONLY)[f"Policy{kind.title()}s"]
    getattr(iam, f"detach_{kind}_policy")(**name, PolicyArn=READ_ONLY)


def roles_and_profiles(iam: Any) -> None:
    """The life of a role and its instance profile."""
    role = iam.create_role(RoleName="Cook", AssumeRolePolicyDocument=TRUST, Description="cooks")["Role"]
    assert role["Arn"] == f"{IAM}role/Cook"
    iam.put_role_permissions_boundary(RoleName="Cook", PermissionsBoundary=READ_ONLY)
    assert iam.get_role(RoleName="Cook")["Role"]["Description"] == "cooks"
    iam.delete_role_permissions_boundary(RoleName="Cook")
    iam.update_role(RoleName="Cook", MaxSessionDuration=7200)
    iam.update_role_description(RoleName="Cook", Description="bakes")
    iam.update_assume_role_policy(RoleName="Cook", PolicyDocument=TRUST)
    assert [item["RoleName"] for item in iam.list_roles()["Roles"]] == ["Cook"]
    iam.tag_role(RoleName="Cook", Tags=TAGS)
    iam.untag_role(RoleName="Cook", TagKeys=["shop", "town"])
    assert iam.list_role_tags(RoleName="Cook")["Tags"] == TAGS[:1]
    policies_of(iam, "role", RoleName="Cook")
    iam.create_instance_profile(InstanceProfileName="Oven", Tags=TAGS[:1])
    iam.add_role_to_instance_profile(InstanceProfileName="Oven", RoleName="Cook")
    profile = iam.get_instance_profile(InstanceProfileName="Oven")["InstanceProfile"]
    assert [item["RoleName"] for item in profile["Roles"]] == ["Cook"]
    iam.tag_instance_profile(InstanceProfileName="Oven", Tags=TAGS)
    iam.untag_instance_profile(InstanceProfileName="Oven", TagKeys=["Team"])
    assert len(iam.list_instance_profile_tags(InstanceProfileName="Oven")["Tags"]) == 2
    assert len(iam.list_instance_profiles()["InstanceProfiles"]) == 1
    assert len(iam.list_instance_profiles_for_role(RoleName="Cook")["InstanceProfiles"]) == 1


def managed_policies(iam: Any) -> None:
    """The life of a managed policy and its versions."""
    arn = iam.create_policy(PolicyName="Bread", Path="/kitchen/", PolicyDocument=ANY)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=NOTHING)
    assert [item["VersionId"] for item in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]
    assert version["Document"] == json.loads(NOTHING)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.tag_policy(PolicyArn=arn, Tags=TAGS)
    iam.untag_policy(PolicyArn=arn, TagKeys=["Town"])
    assert len(iam.list_policy_tags(PolicyArn=arn)["Tags"]) == 2
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert [item["Arn"] for item in iam.list_policies(Scope="Local")["Policies"]] == [arn]


def clean_up(iam: Any) -> None:
    """Delete what the other tours needed: the role, its instance profile and the policy."""
    iam.remove_role_from_instance_profile(InstanceProfileName="Oven", RoleName="Cook")
    iam.delete_instance_profile(InstanceProfileName="Oven")
    iam.delete_role(RoleName="Cook")
    iam.delete_policy(PolicyArn=f"{IAM}policy/kitchen/Bread")


PAGINATORS: dict[str, tuple[dict[str, Any], int]] = {
    "get_group": ({"GroupName": "group-0"}, 3),
    "list_access_keys": ({"UserName": "user-0"}, 2),
    "list_attached_group_policies": ({"GroupName": "group-0"}, 3),
    "list_attached_role_policies": ({"RoleName": "role-0"}, 3),
    "list_attached_user_policies": ({"UserName": "user-0"}, 3),
    "list_entities_for_policy": ({"PolicyArn": f"{IAM}policy/policy-0"}, 1),
    "list_group_policies": ({"GroupName": "group-0"}, 3),
    "list_groups": ({}, 3),
    "list_groups_for_user": ({"UserName": "user-0"}, 3),
    "list_instance_profile_tags": ({"InstanceProfileName": "profile-0"}, 3),
    "list_instance_profiles": ({}, 3),
    "list_instance_profiles_for_role": ({"RoleName": "role-0"}, 3),
    "list_policies": ({"Scope": "Local"}, 3),
    "list_policy_tags": ({"PolicyArn": f"{IAM}policy/policy-0"}, 3),
    "list_policy_versions": ({"PolicyArn": f"{IAM}policy/policy-0"}, 3),
    "list_role_policies": ({"RoleName": "role-0"}, 3),
    "list_role_tags": ({"RoleName": "role-0"}, 3),
    "list_roles": ({}, 3),
    "list_user_policies": ({"UserName": "user-0"}, 3),
    "list_user_tags": ({"UserName": "user-0"}, 3),
    "list_users": ({}, 3),
}


def three_of_everything(iam: Any) -> None:
    """Three users, groups, roles, policies and profiles; the first of each has three of all it can have."""
    for n in range(3):
        iam.create_policy(PolicyName=f"policy-{n}", PolicyDocument=ANY, Tags=TAGS)
        iam.create_user(UserName=f"user-{n}", Tags=TAGS)
        iam.create_group(GroupName=f"group-{n}")
        iam.create_role(RoleName=f"role-{n}", AssumeRolePolicyDocument=TRUST, Tags=TAGS)
        iam.create_instance_profile(InstanceProfileName=f"profile-{n}", Tags=TAGS)
        iam.add_role_to_instance_profile(InstanceProfileName=f"profile-{n}", RoleName="role-0")
    for n in range(3):
        iam.add_user_to_group(GroupName="group-0", UserName=f"user-{n}")
        if n:
            iam.create_access_key(UserName="user-0")
            iam.add_user_to_group(GroupName=f"group-{n}", UserName="user-0")
            iam.create_policy_version(PolicyArn=f"{IAM}policy/policy-0", PolicyDocument=ANY)
        for kind in ("user", "group", "role"):
            name = {f"{kind.title()}Name": f"{kind}-0"}
            getattr(iam, f"put_{kind}_policy")(**name, PolicyName=f"p{n}", PolicyDocument=ANY)
            getattr(iam, f"attach_{kind}_policy")(**name, PolicyArn=f"{IAM}policy/policy-{n}")
