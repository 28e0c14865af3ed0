"""Operations on users."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.caller import CallerKind
from masugata.identity.identifiers import unique_id
from masugata.identity.login_profiles import password_last_used
from masugata.records.account import ACCOUNT
from masugata.records.iam import (
    ACCESS_KEY,
    LOGIN_PROFILE,
    MFA_DEVICE,
    SERVICE_SPECIFIC_CREDENTIAL,
    SIGNING_CERTIFICATE,
    SSH_PUBLIC_KEY,
    USER,
    User,
)
from masugata.records.kind import Kind
from masugata.services.iam._common import (
    already_exists,
    boundary_shape,
    check_boundary,
    delete_conflict,
    find_user,
    forget_uses,
    page,
    quota_exceeded,
    refuse_remaining_policies,
    requested_tags,
    tag_shapes,
    user_arn,
    whole_seconds,
)

if TYPE_CHECKING:
    from masugata_types import iam as shapes

USERS_PER_ACCOUNT = 5000

_OWNED: tuple[tuple[Kind[Any], str], ...] = (
    (LOGIN_PROFILE, "delete login profile"),
    (ACCESS_KEY, "delete access keys"),
    (SIGNING_CERTIFICATE, "delete certificates"),
    (SSH_PUBLIC_KEY, "remove referenced objects"),
    (SERVICE_SPECIFIC_CREDENTIAL, "remove referenced objects"),
    (MFA_DEVICE, "delete MFA device"),
)
"""What refers to a user as its owner and has to go before it, and how AWS says so."""


def create_user(call: Call, request: "shapes.CreateUserRequest") -> "shapes.CreateUserResponse":
    """Create a user without any permission."""
    name = request["UserName"]
    tags = requested_tags(request.get("Tags", ()))
    _refuse_taken_name(call, name)
    if call.records.count(USER, call.account) >= USERS_PER_ACCOUNT:
        raise quota_exceeded("UsersPerAccount", USERS_PER_ACCOUNT)
    boundary = request.get("PermissionsBoundary")
    if boundary is not None:
        check_boundary(call, boundary)
    user = User(
        name=name,
        path=request.get("Path", "/"),
        id=unique_id("AIDA", call.random),
        create_date=whole_seconds(call),
        boundary=boundary,
        tags=tags,
    )
    call.transaction.put(USER, call.account, user)
    call.touches("AWS::IAM::User", name)
    return {"User": _full_shape(call, user)}


def get_user(call: Call, request: "shapes.GetUserRequest") -> "shapes.GetUserResponse":
    """One user; without a name, the caller itself, which may be the root user."""
    name = request.get("UserName")
    if name is None and call.caller.kind is CallerKind.ROOT:
        return {"User": root_shape(call)}
    user = calling_user(call) if name is None else find_user(call, name)
    return {"User": _full_shape(call, user)}


def list_users(call: Call, request: "shapes.ListUsersRequest") -> "shapes.ListUsersResponse":
    """The users under a path, by name."""
    prefix = request.get("PathPrefix", "/")
    users = [user for user in call.records.scan(USER, call.account) if user.path.startswith(prefix)]
    chosen, end = page(users, request, "Users", USER.key)
    return {"Users": [user_shape(call, user) for user in chosen], **end}


def update_user(call: Call, request: "shapes.UpdateUserRequest") -> "shapes.UpdateUserResponse":
    """Rename or move a user; its id, keys, groups and policies stay."""
    user = find_user(call, request["UserName"])
    renamed = msgspec.structs.replace(
        user, name=request.get("NewUserName", user.name), path=request.get("NewPath", user.path)
    )
    if USER.key(renamed) != USER.key(user):
        _refuse_taken_name(call, renamed.name)
        call.transaction.delete(USER, call.account, USER.key(user))
    call.transaction.put(USER, call.account, renamed)
    call.touches("AWS::IAM::User", user.name)
    if renamed.name != user.name:
        call.touches("AWS::IAM::User", renamed.name)
    return {}


def delete_user(call: Call, request: "shapes.DeleteUserRequest") -> "shapes.DeleteUserResponse":
    """Delete a user that has nothing left but perhaps a boundary and tags.

    What remains is refused in the order in which the API reference tells to remove it.
    """
    user = find_user(call, request["UserName"])
    for kind, remedy in _OWNED:
        if call.records.referring(kind, call.account, "owner", user.id):
            raise delete_conflict(f"Cannot delete entity, must {remedy} first.")
    refuse_remaining_policies(user)
    if user.groups:
        raise delete_conflict("Cannot delete entity, must remove users from group first.")
    call.transaction.delete(USER, call.account, USER.key(user))
    forget_uses(call, user)
    call.touches("AWS::IAM::User", user.name)
    return {}


def calling_user(call: Call) -> User:
    """The IAM user that makes the call; raises ValidationError if the caller is none."""
    if call.caller.kind is not CallerKind.USER:
        raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
    return find_user(call, call.caller.entity_name)


def user_shape(call: Call, user: User) -> "shapes.User":
    """A user as listings show it: without tags and boundary."""
    shape: shapes.User = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user_arn(call, user),
        "CreateDate": user.create_date,
    }
    if (used := _password_last_used(call, user.id)) is not None:
        shape["PasswordLastUsed"] = used
    return shape


def _password_last_used(call: Call, owner_id: str) -> datetime | None:
    """None without a password, whatever there was before, as AWS says."""
    profile = call.records.get(LOGIN_PROFILE, call.account, owner_id)
    return None if profile is None else password_last_used(call.store, profile)


def _full_shape(call: Call, user: User) -> "shapes.User":
    shape = user_shape(call, user)
    if user.boundary is not None:
        shape["PermissionsBoundary"] = boundary_shape(user.boundary)
    if user.tags:
        shape["Tags"] = tag_shapes(user.tags)
    return shape


def root_shape(call: Call) -> "shapes.User":
    """The root user, as AWS shows it: no path, and its name is the account's alias, if any."""
    account = call.records.get(ACCOUNT, call.account, call.account)
    if account is None:
        raise AwsError("ServiceFailure", f"account `{call.account}` has no record", 500)
    shape = {
        "UserId": account.id,
        "Arn": f"arn:{call.partition}:iam::{account.id}:root",
        "CreateDate": account.create_date,
    }
    if account.alias:
        shape["UserName"] = account.alias
    if (used := _password_last_used(call, account.id)) is not None:
        shape["PasswordLastUsed"] = used
    # The model requires members that AWS leaves out here.
    return shape  # type: ignore[return-value]


def _refuse_taken_name(call: Call, name: str) -> None:
    """Names are unique without regard to case."""
    if call.records.get(USER, call.account, name.lower()) is not None:
        raise already_exists(f"User with name {name} already exists.")
