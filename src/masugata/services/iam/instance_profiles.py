"""Operations on instance profiles: how a role gets to a machine."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.identity.identifiers import unique_id
from masugata.records.iam import INSTANCE_PROFILE, ROLE, InstanceProfile, Role
from masugata.services.iam._common import (
    PageEnd,
    already_exists,
    delete_conflict,
    find_instance_profile,
    find_role,
    instance_profile_arn,
    no_such_entity,
    page,
    quota_exceeded,
    refuse_protected,
    requested_tags,
    role_arn,
    tag_shapes,
    whole_seconds,
)
from masugata.services.iam.roles import role_shape

if TYPE_CHECKING:
    from masugata_types import iam as shapes

INSTANCE_PROFILES_PER_ACCOUNT = 1000
ROLES_PER_INSTANCE_PROFILE = 1


def create_instance_profile(
    call: Call, request: "shapes.CreateInstanceProfileRequest"
) -> "shapes.CreateInstanceProfileResponse":
    """Create an instance profile without a role."""
    name = request["InstanceProfileName"]
    tags = requested_tags(request.get("Tags", ()))
    if call.records.get(INSTANCE_PROFILE, call.account, name.lower()) is not None:
        raise already_exists(f"Instance Profile {name} already exists.")
    if call.records.count(INSTANCE_PROFILE, call.account) >= INSTANCE_PROFILES_PER_ACCOUNT:
        raise quota_exceeded("InstanceProfilesPerAccount", INSTANCE_PROFILES_PER_ACCOUNT)
    profile = InstanceProfile(
        name=name,
        path=request.get("Path", "/"),
        id=unique_id("AIPA", call.random),
        create_date=whole_seconds(call),
        tags=tags,
    )
    _save(call, profile)
    shape = instance_profile_shape(call, profile)
    if tags:
        shape["Tags"] = tag_shapes(tags)
    return {"InstanceProfile": shape}


def get_instance_profile(
    call: Call, request: "shapes.GetInstanceProfileRequest"
) -> "shapes.GetInstanceProfileResponse":
    """One instance profile with its role and tags."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    shape = instance_profile_shape(call, profile)
    shape["Tags"] = tag_shapes(profile.tags)
    return {"InstanceProfile": shape}


def list_instance_profiles(
    call: Call, request: "shapes.ListInstanceProfilesRequest"
) -> "shapes.ListInstanceProfilesResponse":
    """The instance profiles under a path, by name, without tags."""
    prefix = request.get("PathPrefix", "/")
    profiles = [
        profile
        for profile in call.records.scan(INSTANCE_PROFILE, call.account)
        if profile.path.startswith(prefix)
    ]
    chosen, end = _page(call, profiles, request)
    return {"InstanceProfiles": [instance_profile_shape(call, profile) for profile in chosen], **end}


def list_instance_profiles_for_role(
    call: Call, request: "shapes.ListInstanceProfilesForRoleRequest"
) -> "shapes.ListInstanceProfilesForRoleResponse":
    """The instance profiles that a role is in, by name, without tags."""
    profiles = profiles_of(call, find_role(call, request["RoleName"]))
    chosen, end = _page(call, profiles, request)
    return {"InstanceProfiles": [instance_profile_shape(call, profile) for profile in chosen], **end}


def add_role_to_instance_profile(
    call: Call, request: "shapes.AddRoleToInstanceProfileRequest"
) -> "shapes.AddRoleToInstanceProfileResponse":
    """Put a role into an empty instance profile; the caller must be allowed to pass it to EC2."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    role = find_role(call, request["RoleName"])
    refuse_protected(role)
    call.authorize("iam:PassRole", role_arn(call, role), {"iam:PassedToService": "ec2.amazonaws.com"})
    if len(profile.roles) >= ROLES_PER_INSTANCE_PROFILE:
        raise quota_exceeded("InstanceSessionsPerInstanceProfile", ROLES_PER_INSTANCE_PROFILE)
    _save(call, msgspec.structs.replace(profile, roles=(*profile.roles, role.id)))
    call.touches("AWS::IAM::Role", role.name)
    return {}


def remove_role_from_instance_profile(
    call: Call, request: "shapes.RemoveRoleFromInstanceProfileRequest"
) -> "shapes.RemoveRoleFromInstanceProfileResponse":
    """Take a role out of an instance profile."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    role = find_role(call, request["RoleName"])
    if role.id not in profile.roles:
        raise no_such_entity(f"Role {role.name} in Instance Profile {profile.name} cannot be found.")
    left = tuple(role_id for role_id in profile.roles if role_id != role.id)
    _save(call, msgspec.structs.replace(profile, roles=left))
    call.touches("AWS::IAM::Role", role.name)
    return {}


def delete_instance_profile(
    call: Call, request: "shapes.DeleteInstanceProfileRequest"
) -> "shapes.DeleteInstanceProfileResponse":
    """Delete an empty instance profile."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    if profile.roles:
        raise delete_conflict("Cannot delete entity, must remove roles from instance profile first.")
    call.transaction.delete(INSTANCE_PROFILE, call.account, INSTANCE_PROFILE.key(profile))
    call.touches("AWS::IAM::InstanceProfile", profile.name)
    return {}


def instance_profile_shape(call: Call, profile: InstanceProfile) -> "shapes.InstanceProfile":
    """An instance profile as listings show it: with its role, without tags."""
    found = (call.records.by_name(ROLE, "id", role_id) for role_id in profile.roles)
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": instance_profile_arn(call, profile),
        "CreateDate": profile.create_date,
        # INVARIANT: a role that is in an instance profile cannot be deleted
        "Roles": [role_shape(call, role[2]) for role in found if role is not None],
    }


def profiles_of(call: Call, role: Role) -> list[InstanceProfile]:
    """The instance profiles that a role is in, by name."""
    return sorted(
        call.records.referring(INSTANCE_PROFILE, call.account, "role", role.id), key=INSTANCE_PROFILE.key
    )


def _page(
    call: Call, profiles: Sequence[InstanceProfile], request: Mapping[str, Any]
) -> tuple[list[InstanceProfile], PageEnd]:
    def text_length(profile: InstanceProfile) -> int:
        roles = (call.records.by_name(ROLE, "id", role_id) for role_id in profile.roles)
        return sum(len(role[2].trust_policy) for role in roles if role is not None)

    return page(profiles, request, "InstanceProfiles", INSTANCE_PROFILE.key, text_length=text_length)


def _save(call: Call, profile: InstanceProfile) -> None:
    call.transaction.put(INSTANCE_PROFILE, call.account, profile)
    call.touches("AWS::IAM::InstanceProfile", profile.name)
