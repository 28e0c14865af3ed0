"""Operations on roles."""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.identifiers import unique_id
from masugata.records.iam import INSTANCE_PROFILE, ROLE, SERVICE_LINKED_PATH, Role
from masugata.services.iam._common import (
    ROLES,
    already_exists,
    boundary_shape,
    check_boundary,
    delete_conflict,
    find_role,
    forget_uses,
    invalid_input,
    page,
    quota_exceeded,
    refuse_remaining_policies,
    requested_tags,
    role_arn,
    tag_shapes,
    whole_seconds,
)
from masugata.services.iam.last_use import last_use
from masugata.services.iam.policies import check_stored_length
from masugata.services.iam.trust import TRUST_POLICY_SIZE, shown_trust_policy, stored_trust_policy

if TYPE_CHECKING:
    from masugata_types import iam as shapes

ROLES_PER_ACCOUNT = 1000
DEFAULT_SESSION_SECONDS = 3600

# Service control policies do not bind service-linked roles, so nobody may make one by its path.
_RESERVED_PATHS = {
    SERVICE_LINKED_PATH: "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
    "/aws-reserved/": "Path prefix '/aws-reserved/' can only be used for AWS reserved Roles",
}


def create_role(call: Call, request: "shapes.CreateRoleRequest") -> "shapes.CreateRoleResponse":
    """Create a role that whoever its trust policy admits can assume."""
    name, path = request["RoleName"], request.get("Path", "/")
    tags = requested_tags(request.get("Tags", ()))
    for prefix, refusal in _RESERVED_PATHS.items():
        if path.lower().startswith(prefix):
            raise invalid_input(refusal)
    trust_policy = _trust_policy(call, request["AssumeRolePolicyDocument"])
    if call.records.get(ROLE, call.account, name.lower()) is not None:
        raise already_exists(f"Role with name {name} already exists.")
    if call.records.count(ROLE, call.account) >= ROLES_PER_ACCOUNT:
        raise quota_exceeded("RolesPerAccount", ROLES_PER_ACCOUNT)
    boundary = request.get("PermissionsBoundary")
    if boundary is not None:
        check_boundary(call, boundary)
    role = Role(
        name=name,
        path=path,
        id=unique_id("AROA", call.random),
        create_date=whole_seconds(call),
        trust_policy=trust_policy,
        description=request.get("Description"),
        max_session_duration=request.get("MaxSessionDuration", DEFAULT_SESSION_SECONDS),
        boundary=boundary,
        tags=tags,
    )
    ROLES.save(call, role)
    shape = role_shape(call, role)
    if boundary is not None:
        shape["PermissionsBoundary"] = boundary_shape(boundary)
    if tags:
        shape["Tags"] = tag_shapes(tags)
    return {"Role": shape}


def get_role(call: Call, request: "shapes.GetRoleRequest") -> "shapes.GetRoleResponse":
    """One role with its trust policy, tags, boundary and last use."""
    role = find_role(call, request["RoleName"])
    shape = _listed_shape(call, role)
    if role.boundary is not None:
        shape["PermissionsBoundary"] = boundary_shape(role.boundary)
    if role.tags:
        shape["Tags"] = tag_shapes(role.tags)
    shape["RoleLastUsed"] = last_used_shape(call, role)
    return {"Role": shape}


def list_roles(call: Call, request: "shapes.ListRolesRequest") -> "shapes.ListRolesResponse":
    """The roles under a path, by name, without tags, boundaries and last uses."""
    prefix = request.get("PathPrefix", "/")
    roles = [role for role in call.records.scan(ROLE, call.account) if role.path.startswith(prefix)]
    chosen, end = page(roles, request, "Roles", ROLE.key, text_length=lambda role: len(role.trust_policy))
    return {"Roles": [_listed_shape(call, role) for role in chosen], **end}


def update_role(call: Call, request: "shapes.UpdateRoleRequest") -> "shapes.UpdateRoleResponse":
    """Change a role's description, and how long its sessions last at most.

    A duration that is left out returns to one hour, as the API reference says.
    """
    role = find_role(call, request["RoleName"])
    if role.linked_service is not None and "MaxSessionDuration" in request:
        raise AwsError(
            "UnmodifiableEntity",
            f"{role.name} is an AWS service linked role, max session duration cannot be changed.",
        )
    changed = msgspec.structs.replace(
        role,
        description=request.get("Description", role.description),
        max_session_duration=request.get("MaxSessionDuration", DEFAULT_SESSION_SECONDS),
    )
    ROLES.save(call, changed)
    return {}


def update_role_description(
    call: Call, request: "shapes.UpdateRoleDescriptionRequest"
) -> "shapes.UpdateRoleDescriptionResponse":
    """Change a role's description."""
    role = find_role(call, request["RoleName"])
    role = msgspec.structs.replace(role, description=request["Description"])
    ROLES.save(call, role)
    shape = role_shape(call, role)
    shape["Description"] = request["Description"]
    return {"Role": shape}


def update_assume_role_policy(
    call: Call, request: "shapes.UpdateAssumeRolePolicyRequest"
) -> "shapes.UpdateAssumeRolePolicyResponse":
    """Replace a role's trust policy."""
    role = ROLES.to_change(call, request)
    trust_policy = _trust_policy(call, request["PolicyDocument"])
    ROLES.save(call, msgspec.structs.replace(role, trust_policy=trust_policy))
    return {}


def delete_role(call: Call, request: "shapes.DeleteRoleRequest") -> "shapes.DeleteRoleResponse":
    """Delete a role that is in no instance profile and has no policies left."""
    role = ROLES.to_change(call, request)
    if call.records.referring(INSTANCE_PROFILE, call.account, "role", role.id):
        raise delete_conflict("Cannot delete entity, must remove roles from instance profile first.")
    refuse_remaining_policies(role)
    call.transaction.delete(ROLE, call.account, ROLE.key(role))
    forget_uses(call, role)
    call.touches("AWS::IAM::Role", role.name)
    return {}


def role_shape(call: Call, role: Role) -> "shapes.Role":
    """A role as other operations show it: identity and trust policy only."""
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.id,
        "Arn": role_arn(call, role),
        "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": shown_trust_policy(call, role.trust_policy),
    }


def last_used_shape(call: Call, role: Role) -> "shapes.RoleLastUsed":
    """When and where a session of the role made a call last; empty if none did."""
    use = last_use(call, f"role/{role.id}")
    return {} if use is None else {"LastUsedDate": use.time, "Region": use.region}


def _trust_policy(call: Call, document: str) -> str:
    """The text to store of a trust policy; its strings may hold white space that the quota does not count."""
    stored = stored_trust_policy(call, document)
    check_stored_length([stored], TRUST_POLICY_SIZE)
    return stored


def _listed_shape(call: Call, role: Role) -> "shapes.Role":
    shape = role_shape(call, role)
    if role.description is not None:
        shape["Description"] = role.description
    shape["MaxSessionDuration"] = role.max_session_duration
    return shape
