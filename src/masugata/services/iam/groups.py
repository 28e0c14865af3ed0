"""Operations on groups and their members."""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.identity.identifiers import unique_id
from masugata.records.iam import GROUP, USER, Group
from masugata.services.iam._common import (
    already_exists,
    delete_conflict,
    find_group,
    find_user,
    group_arn,
    page,
    quota_exceeded,
    refuse_remaining_policies,
    whole_seconds,
)
from masugata.services.iam.users import user_shape

if TYPE_CHECKING:
    from masugata_types import iam as shapes

GROUPS_PER_ACCOUNT = 300
GROUPS_PER_USER = 10


def create_group(call: Call, request: "shapes.CreateGroupRequest") -> "shapes.CreateGroupResponse":
    """Create a group without members."""
    name = request["GroupName"]
    _refuse_taken_name(call, name)
    if call.records.count(GROUP, call.account) >= GROUPS_PER_ACCOUNT:
        raise quota_exceeded("GroupsPerAccount", GROUPS_PER_ACCOUNT)
    group = Group(
        name=name,
        path=request.get("Path", "/"),
        id=unique_id("AGPA", call.random),
        create_date=whole_seconds(call),
    )
    call.transaction.put(GROUP, call.account, group)
    call.touches("AWS::IAM::Group", name)
    return {"Group": group_shape(call, group)}


def get_group(call: Call, request: "shapes.GetGroupRequest") -> "shapes.GetGroupResponse":
    """A group and its members, by name."""
    group = find_group(call, request["GroupName"])
    members = sorted(call.records.referring(USER, call.account, "group", group.id), key=USER.key)
    chosen, end = page(members, request, "Users", USER.key)
    return {
        "Group": group_shape(call, group),
        "Users": [user_shape(call, user) for user in chosen],
        **end,
    }


def list_groups(call: Call, request: "shapes.ListGroupsRequest") -> "shapes.ListGroupsResponse":
    """The groups under a path, by name."""
    prefix = request.get("PathPrefix", "/")
    groups = [group for group in call.records.scan(GROUP, call.account) if group.path.startswith(prefix)]
    chosen, end = page(groups, request, "Groups", GROUP.key)
    return {"Groups": [group_shape(call, group) for group in chosen], **end}


def update_group(call: Call, request: "shapes.UpdateGroupRequest") -> "shapes.UpdateGroupResponse":
    """Rename or move a group; its id, members and policies stay."""
    group = find_group(call, request["GroupName"])
    renamed = msgspec.structs.replace(
        group, name=request.get("NewGroupName", group.name), path=request.get("NewPath", group.path)
    )
    if GROUP.key(renamed) != GROUP.key(group):
        _refuse_taken_name(call, renamed.name)
        call.transaction.delete(GROUP, call.account, GROUP.key(group))
    call.transaction.put(GROUP, call.account, renamed)
    call.touches("AWS::IAM::Group", group.name)
    if renamed.name != group.name:
        call.touches("AWS::IAM::Group", renamed.name)
    return {}


def delete_group(call: Call, request: "shapes.DeleteGroupRequest") -> "shapes.DeleteGroupResponse":
    """Delete a group that has neither members nor policies."""
    group = find_group(call, request["GroupName"])
    if call.records.referring(USER, call.account, "group", group.id):
        raise delete_conflict("Cannot delete entity, must remove users from group first.")
    refuse_remaining_policies(group)
    call.transaction.delete(GROUP, call.account, GROUP.key(group))
    call.touches("AWS::IAM::Group", group.name)
    return {}


def add_user_to_group(call: Call, request: "shapes.AddUserToGroupRequest") -> "shapes.AddUserToGroupResponse":
    """Make a user a member; nothing happens if it is one."""
    user = find_user(call, request["UserName"])
    group = find_group(call, request["GroupName"])
    call.touches("AWS::IAM::User", user.name)
    call.touches("AWS::IAM::Group", group.name)
    if group.id in user.groups:
        return {}
    if len(user.groups) >= GROUPS_PER_USER:
        raise quota_exceeded("GroupsPerUser", GROUPS_PER_USER)
    member = msgspec.structs.replace(user, groups=(*user.groups, group.id))
    call.transaction.put(USER, call.account, member)
    return {}


def remove_user_from_group(
    call: Call, request: "shapes.RemoveUserFromGroupRequest"
) -> "shapes.RemoveUserFromGroupResponse":
    """End a membership; nothing happens if there is none."""
    user = find_user(call, request["UserName"])
    group = find_group(call, request["GroupName"])
    call.touches("AWS::IAM::User", user.name)
    call.touches("AWS::IAM::Group", group.name)
    if group.id in user.groups:
        remaining = tuple(group_id for group_id in user.groups if group_id != group.id)
        call.transaction.put(USER, call.account, msgspec.structs.replace(user, groups=remaining))
    return {}


def list_groups_for_user(
    call: Call, request: "shapes.ListGroupsForUserRequest"
) -> "shapes.ListGroupsForUserResponse":
    """The groups that a user is a member of, by name."""
    user = find_user(call, request["UserName"])
    found = (call.records.by_name(GROUP, "id", group_id) for group_id in user.groups)
    groups = sorted((group for entry in found if entry is not None for group in entry[2:]), key=GROUP.key)
    chosen, end = page(groups, request, "Groups", GROUP.key)
    return {"Groups": [group_shape(call, group) for group in chosen], **end}


def group_shape(call: Call, group: Group) -> "shapes.Group":
    """A group as AWS shows it."""
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.id,
        "Arn": group_arn(call, group),
        "CreateDate": group.create_date,
    }


def _refuse_taken_name(call: Call, name: str) -> None:
    """Names are unique without regard to case."""
    if call.records.get(GROUP, call.account, name.lower()) is not None:
        raise already_exists(f"Group with name {name} already exists.")
