"""A tour through all built operations with boto3, every answer held to the model."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.utils import parse_timestamp

from conformance import certificates
from masugata.records.iam import ACCESS_KEY
from masugata.server import Credentials, sealed_key
from masugata.services import SERVICES
from phones import enabled_phone, make_phone
from support import ACCOUNT, House

IAM = f"arn:aws:iam::{ACCOUNT}:"
ANY = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ACCOUNT},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        },
    }
)
TAGS = [{"Key": "Team", "Value": "red"}, {"Key": "Shop", "Value": "bakery"}, {"Key": "Town", "Value": "Nara"}]
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
# The model requires members that AWS itself leaves out for the root user, who has neither name nor path.
ROOT_HAS_NOT = {"User.UserName", "User.Path", "AccessKey.UserName"}


class Inspector:
    """Holds every answer of the clients it watches to the model, and remembers what was called."""

    def __init__(self) -> None:
        self.called: dict[str, set[str]] = {service: set() for service in SERVICES}
        self.missing: set[str] = set()

    def watch(self, client: Any) -> Any:
        """Inspect all answers of this client."""
        client.meta.events.register("after-call", self._inspect)
        return client

    def _inspect(self, model: OperationModel, http_response: Any, parsed: Any, **_: Any) -> None:
        assert http_response.status_code == 200, parsed
        service = model.service_model.service_name
        self.called[service].add(model.name)
        assert len(parsed["ResponseMetadata"]["RequestId"]) == 36
        if model.output_shape is not None:
            self._check(model.output_shape, parsed, model.name)

    def _check(self, shape: Shape, value: Any, place: str) -> None:
        if isinstance(shape, StructureShape):
            self.missing |= {f"{place}.{name}" for name in shape.required_members if name not in value}
            for name, member in shape.members.items():
                if name in value:
                    self._check(member, value[name], f"{place}.{name}")
        elif isinstance(shape, ListShape):
            for item in value:
                self._check(shape.member, item, f"{place}[]")
        elif isinstance(shape, MapShape):
            for item in value.values():
                self._check(shape.value, item, f"{place}{{}}")
        elif shape.type_name == "timestamp":
            moment = value if isinstance(value, datetime) else parse_timestamp(value)
            assert moment.microsecond == 0, place
            assert moment.tzinfo is not None, place
        elif getattr(shape, "enum", None) and not place.endswith("PermissionsBoundaryType"):
            # There AWS answers `Policy`, which its own model does not list.
            assert value in shape.enum, place


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation of the test's own."""
    house = House(tmp_path)
    yield house
    house.store.close()


def session(house: House, credentials: dict[str, Any], service: str) -> Any:
    """A client with temporary credentials."""
    key = (credentials["AccessKeyId"], credentials["SecretAccessKey"])
    return house.client(service, key, token=credentials["SessionToken"])


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


def mfa_devices(iam: Any, house: House) -> None:
    """The life of a virtual MFA device."""
    phone = make_phone(iam, Tags=TAGS[:1])
    iam.enable_mfa_device(UserName="admin", **phone.pair(house.clock()))
    assert iam.get_mfa_device(SerialNumber=phone.serial)["UserName"] == "admin"
    iam.resync_mfa_device(UserName="admin", **phone.pair(house.clock(), 2))
    assert len(iam.list_mfa_devices()["MFADevices"]) == len(
        iam.list_virtual_mfa_devices()["VirtualMFADevices"]
    )
    iam.tag_mfa_device(SerialNumber=phone.serial, Tags=TAGS[1:])
    iam.untag_mfa_device(SerialNumber=phone.serial, TagKeys=["Team"])
    assert iam.list_mfa_device_tags(SerialNumber=phone.serial)["Tags"] == TAGS[1:]
    iam.deactivate_mfa_device(SerialNumber=phone.serial)
    iam.delete_virtual_mfa_device(SerialNumber=phone.serial)


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


def account(iam: Any) -> None:
    """The account's alias, numbers and inventory."""
    iam.create_account_alias(AccountAlias="coffee-shop")
    assert iam.list_account_aliases()["AccountAliases"] == ["coffee-shop"]
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["Roles"], summary["Policies"]) == (1, 1, 1)
    details = iam.get_account_authorization_details()
    assert [item["RoleName"] for item in details["RoleDetailList"]] == ["Cook"]
    iam.delete_account_alias(AccountAlias="coffee-shop")


def tokens(sts: Any, house: House, inspector: Inspector) -> dict[str, Any]:
    """Temporary credentials of all kinds, each used; returns those of the role."""
    assert sts.get_caller_identity()["Arn"] == f"{IAM}user/admin"
    assert sts.get_access_key_info(AccessKeyId=house.admin[0])["Account"] == ACCOUNT
    role = sts.assume_role(
        RoleArn=f"{IAM}role/Cook",
        RoleSessionName="hanako",
        Policy=ANY,
        PolicyArns=[{"arn": READ_ONLY}],
        Tags=TAGS,
        TransitiveTagKeys=["Team"],
        SourceIdentity="hanako",
    )
    assert 0 < role["PackedPolicySize"] <= 100
    token = sts.get_session_token()
    federated = sts.get_federation_token(Name="taro", Policy=ANY, Tags=TAGS)
    for answer in (role, token, federated):
        inspector.watch(session(house, answer["Credentials"], "sts")).get_caller_identity()
    return dict(role["Credentials"])


def test_every_built_operation(house: House) -> None:
    """All built operations answer, with every member that the model requires and times in whole seconds."""
    inspector = Inspector()
    iam, sts, trail = (inspector.watch(house.client(name)) for name in ("iam", "sts", "cloudtrail"))
    users_and_groups(iam)
    mfa_devices(iam, house)
    certificates.certificates(iam)
    roles_and_profiles(iam)
    managed_policies(iam)
    account(iam)
    credentials = tokens(sts, house, inspector)
    with pytest.raises(Exception, match="AccessDenied") as denied:
        session(house, credentials, "iam").create_user(UserName="eve")
    headers = denied.value.response["ResponseMetadata"]["HTTPHeaders"]
    encoded = headers["x-masugata-authorization-message"]
    message = sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"]
    assert json.loads(message)["context"]["action"] == "iam:CreateUser"
    assert trail.lookup_events()["Events"]
    iam.remove_role_from_instance_profile(InstanceProfileName="Oven", RoleName="Cook")
    iam.delete_instance_profile(InstanceProfileName="Oven")
    iam.delete_role(RoleName="Cook")
    iam.delete_policy(PolicyArn=f"{IAM}policy/kitchen/Bread")
    assert inspector.missing == set()
    assert inspector.called == {service: set(operations) for service, operations in SERVICES.items()}


def test_root_user(house: House) -> None:
    """The root user's answers lack only what AWS leaves out of them."""
    key = Credentials("ROOTKEYROOTKEYROOTKE", "r" * 40)
    record = sealed_key(house.keeper, key, ACCOUNT, house.clock().replace(microsecond=0))
    house.store.submit(lambda transaction: transaction.put(ACCESS_KEY, ACCOUNT, record)).result()
    inspector = Inspector()
    iam = inspector.watch(house.client("iam", key))
    assert iam.get_user()["User"]["Arn"] == f"{IAM}root"
    made = iam.create_access_key()["AccessKey"]
    assert len(iam.list_access_keys()["AccessKeyMetadata"]) == 2
    iam.delete_access_key(AccessKeyId=made["AccessKeyId"])
    inspector.watch(house.client("sts", key)).get_session_token()
    assert {place.partition(".")[2] for place in inspector.missing} == ROOT_HAS_NOT


# Every paginator that boto3 has for a built operation: its arguments and how many items there are at least.
PAGINATORS: dict[str, tuple[dict[str, Any], int]] = {
    "get_account_authorization_details": ({"Filter": ["User", "Group", "Role", "LocalManagedPolicy"]}, 3),
    "get_group": ({"GroupName": "group-0"}, 3),
    "list_access_keys": ({"UserName": "user-0"}, 2),
    "list_account_aliases": ({}, 0),
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
    "list_mfa_device_tags": ({"SerialNumber": f"{IAM}mfa/phone-0"}, 3),
    "list_mfa_devices": ({"UserName": "user-0"}, 3),
    "list_policies": ({"Scope": "Local"}, 3),
    "list_policy_tags": ({"PolicyArn": f"{IAM}policy/policy-0"}, 3),
    "list_policy_versions": ({"PolicyArn": f"{IAM}policy/policy-0"}, 3),
    "list_role_policies": ({"RoleName": "role-0"}, 3),
    "list_role_tags": ({"RoleName": "role-0"}, 3),
    "list_roles": ({}, 3),
    "list_user_policies": ({"UserName": "user-0"}, 3),
    "list_user_tags": ({"UserName": "user-0"}, 3),
    "list_users": ({}, 3),
    "list_virtual_mfa_devices": ({}, 3),
    **certificates.PAGINATORS,
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


def test_every_paginator(house: House) -> None:
    """With pages of one item, every paginator finds just what one large page holds, in the same order."""
    iam = house.client("iam")
    three_of_everything(iam)
    certificates.some_of_each(iam)
    for n in range(3):
        enabled_phone(iam, "user-0", house.clock(), f"phone-{n}", Tags=TAGS)
    operations = iam.meta.method_to_api_mapping
    built = {name for name, operation in operations.items() if operation in SERVICES["iam"]}
    assert set(PAGINATORS) == {name for name in built if iam.can_paginate(name)}
    for name, (arguments, least) in PAGINATORS.items():
        paginator = iam.get_paginator(name)
        whole = paginator.paginate(**arguments).build_full_result()
        single = paginator.paginate(**arguments, PaginationConfig={"PageSize": 1}).build_full_result()
        assert single == whole, name
        lists = [value for value in whole.values() if isinstance(value, list)]
        assert all(len(items) >= least for items in lists), name


def test_waiters(house: House) -> None:
    """boto3's waiters for users, roles, policies and instance profiles end at once."""
    iam = house.client("iam")
    three_of_everything(iam)
    iam.get_waiter("user_exists").wait(UserName="user-0")
    iam.get_waiter("role_exists").wait(RoleName="role-0")
    iam.get_waiter("policy_exists").wait(PolicyArn=f"{IAM}policy/policy-0")
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="profile-0")
