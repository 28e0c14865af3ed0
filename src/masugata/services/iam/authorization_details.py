"""GetAccountAuthorizationDetails: everything in the account that decides who may do what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from masugata.authorization import managed_policies
from masugata.authorization.managed_policies import ManagedPolicy as AwsManagedPolicy
from masugata.call import Call
from masugata.records.iam import GROUP, MANAGED_POLICY, ROLE, USER, Group, ManagedPolicy, Role, User
from masugata.services.iam._common import (
    boundary_shape,
    group_arn,
    page,
    role_arn,
    tag_shapes,
    user_arn,
)
from masugata.services.iam.attachments import attached_shapes
from masugata.services.iam.inline_policies import inline_shapes
from masugata.services.iam.instance_profiles import instance_profile_shape, profiles_of
from masugata.services.iam.policies import AnyPolicy, policy_shape
from masugata.services.iam.policy_versions import version_shapes
from masugata.services.iam.roles import last_used_shape
from masugata.services.iam.trust import shown_trust_policy

if TYPE_CHECKING:
    from masugata_types import iam as shapes

_SECTIONS = ("User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy")

_Item = User | Group | Role | ManagedPolicy | AwsManagedPolicy


def get_account_authorization_details(
    call: Call, request: "shapes.GetAccountAuthorizationDetailsRequest"
) -> "shapes.GetAccountAuthorizationDetailsResponse":
    """All users, groups, roles and policies with their documents, AWS's as far as they are used."""
    sections = request.get("Filter") or _SECTIONS
    items = [
        (f"{number} {item.name.lower()}", item)
        for number, section in enumerate(_SECTIONS)
        if section in sections
        for item in _items(call, section)
    ]
    chosen, end = page(
        sorted(items, key=_key),
        request,
        "authorization details",
        _key,
        text_length=lambda pair: _text_length(call, pair[1]),
    )
    shown = [item for _, item in chosen]
    return {
        "UserDetailList": [_user_detail(call, item) for item in shown if isinstance(item, User)],
        "GroupDetailList": [_group_detail(call, item) for item in shown if isinstance(item, Group)],
        "RoleDetailList": [_role_detail(call, item) for item in shown if isinstance(item, Role)],
        "Policies": [
            _policy_detail(call, item) for item in shown if isinstance(item, ManagedPolicy | AwsManagedPolicy)
        ],
        **end,
    }


def _items(call: Call, section: str) -> Iterator[_Item]:
    if section == "User":
        yield from call.records.scan(USER, call.account)
    elif section == "Group":
        yield from call.records.scan(GROUP, call.account)
    elif section == "Role":
        yield from call.records.scan(ROLE, call.account)
    elif section == "LocalManagedPolicy":
        yield from call.records.scan(MANAGED_POLICY, call.account)
    else:
        yield from _used_aws_policies(call)


def _used_aws_policies(call: Call) -> Iterator[AwsManagedPolicy]:
    """AWS's policies that are attached to something, or are something's boundary."""
    bounded: list[User | Role] = [
        *call.records.scan(USER, call.account),
        *call.records.scan(ROLE, call.account),
    ]
    used = {entity.boundary for entity in bounded if entity.boundary is not None}
    for entity in (*bounded, *call.records.scan(GROUP, call.account)):
        used.update(entity.attached_policies)
    for arn in used:
        policy = managed_policies.get(arn, call.partition)
        if policy is not None:
            yield policy


def _key(pair: tuple[str, _Item]) -> str:
    return pair[0]


def _text_length(call: Call, item: _Item) -> int:
    """The characters of policies and tags that an item shows."""
    if isinstance(item, AwsManagedPolicy):
        return len(item.document())
    if isinstance(item, ManagedPolicy):
        return sum(len(version.document) for version in item.versions)
    length = sum(map(len, item.inline_policies.values()))
    if not isinstance(item, Group):
        length += sum(len(tag.key) + len(tag.value) for tag in item.tags)
    if isinstance(item, Role):  # each of its instance profiles shows the trust policy once more
        length += len(item.trust_policy) * (1 + len(profiles_of(call, item)))
    return length


def _user_detail(call: Call, user: User) -> "shapes.UserDetail":
    groups = (call.records.by_name(GROUP, "id", group_id) for group_id in user.groups)
    detail: shapes.UserDetail = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user_arn(call, user),
        "CreateDate": user.create_date,
        "GroupList": [group[2].name for group in groups if group is not None],
        "AttachedManagedPolicies": attached_shapes(user),
        "Tags": tag_shapes(user.tags),
    }
    if user.inline_policies:  # AWS leaves this one out where it is empty, unlike those of groups and roles
        detail["UserPolicyList"] = inline_shapes(user)
    if user.boundary is not None:
        detail["PermissionsBoundary"] = boundary_shape(user.boundary)
    return detail


def _group_detail(call: Call, group: Group) -> "shapes.GroupDetail":
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group_arn(call, group),
        "CreateDate": group.create_date,
        "GroupPolicyList": inline_shapes(group),
        "AttachedManagedPolicies": attached_shapes(group),
    }


def _role_detail(call: Call, role: Role) -> "shapes.RoleDetail":
    detail: shapes.RoleDetail = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role_arn(call, role),
        "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": shown_trust_policy(call, role.trust_policy),
        "InstanceProfileList": [instance_profile_shape(call, profile) for profile in profiles_of(call, role)],
        "RolePolicyList": inline_shapes(role),
        "AttachedManagedPolicies": attached_shapes(role),
        "Tags": tag_shapes(role.tags),
        "RoleLastUsed": last_used_shape(call, role),
    }
    if role.boundary is not None:
        detail["PermissionsBoundary"] = boundary_shape(role.boundary)
    return detail


def _policy_detail(call: Call, policy: AnyPolicy) -> "shapes.ManagedPolicyDetail":
    shape = policy_shape(call, policy)
    return {
        "PolicyName": shape["PolicyName"],
        "PolicyId": shape["PolicyId"],
        "Arn": shape["Arn"],
        "Path": shape["Path"],
        "DefaultVersionId": shape["DefaultVersionId"],
        "AttachmentCount": shape["AttachmentCount"],
        "PermissionsBoundaryUsageCount": shape["PermissionsBoundaryUsageCount"],
        "IsAttachable": shape["IsAttachable"],
        "CreateDate": shape["CreateDate"],
        "UpdateDate": shape["UpdateDate"],
        "PolicyVersionList": version_shapes(policy),
    }
