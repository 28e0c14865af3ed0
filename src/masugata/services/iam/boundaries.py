"""Operations on permissions boundaries: the most that a user or role can be allowed."""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.services.iam._common import ROLES, USERS, check_boundary

if TYPE_CHECKING:
    from masugata_types import iam as shapes


def put_user_permissions_boundary(
    call: Call, request: "shapes.PutUserPermissionsBoundaryRequest"
) -> "shapes.PutUserPermissionsBoundaryResponse":
    """Set or replace a user's permissions boundary."""
    user = USERS.named(call, request)
    check_boundary(call, request["PermissionsBoundary"])
    USERS.save(call, msgspec.structs.replace(user, boundary=request["PermissionsBoundary"]))
    call.touches("AWS::IAM::Policy", request["PermissionsBoundary"])
    return {}


def delete_user_permissions_boundary(
    call: Call, request: "shapes.DeleteUserPermissionsBoundaryRequest"
) -> "shapes.DeleteUserPermissionsBoundaryResponse":
    """Take a user's permissions boundary away, if it has one."""
    user = USERS.named(call, request)
    USERS.save(call, msgspec.structs.replace(user, boundary=None))
    return {}


def put_role_permissions_boundary(
    call: Call, request: "shapes.PutRolePermissionsBoundaryRequest"
) -> "shapes.PutRolePermissionsBoundaryResponse":
    """Set or replace a role's permissions boundary."""
    role = ROLES.to_change(call, request)
    check_boundary(call, request["PermissionsBoundary"])
    ROLES.save(call, msgspec.structs.replace(role, boundary=request["PermissionsBoundary"]))
    call.touches("AWS::IAM::Policy", request["PermissionsBoundary"])
    return {}


def delete_role_permissions_boundary(
    call: Call, request: "shapes.DeleteRolePermissionsBoundaryRequest"
) -> "shapes.DeleteRolePermissionsBoundaryResponse":
    """Take a role's permissions boundary away, if it has one."""
    role = ROLES.to_change(call, request)
    ROLES.save(call, msgspec.structs.replace(role, boundary=None))
    return {}
