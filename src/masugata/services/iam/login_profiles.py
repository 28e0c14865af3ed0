"""Operations on login profiles: the passwords that administrators give, and ChangePassword.

Hashing is done before the transaction, on an older state. A password that is no longer the one that
was looked at is not changed: of two changes at once, one is refused.
"""

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.attempts import Limit, check_limits, count_failure, forget_failures, limits
from masugata.identity.caller import CallerKind
from masugata.identity.login_profiles import changed_profile, new_profile, signed_out
from masugata.identity.password_rules import check_not_reused, check_password, password_policy
from masugata.identity.passwords import Candidate, Digest, open_hashes
from masugata.records.iam import LOGIN_PROFILE, LoginProfile, User
from masugata.services.iam._common import already_exists, find_user, no_such_entity
from masugata.services.iam.users import calling_user

if TYPE_CHECKING:
    from masugata_types import iam as shapes


class _Prepared(NamedTuple):
    """Hashed passwords, and the sealed hashes of the profile that they were compared with."""

    hashes: bytes
    new: Candidate | None
    old: Candidate | None = None


def prepare_create(call: Call, request: "shapes.CreateLoginProfileRequest") -> Candidate:
    """Hash the password, once it is one that may be."""
    _check_creation(call, request)
    return Candidate(_password(request), (), call.random)


def create_login_profile(
    call: Call, request: "shapes.CreateLoginProfileRequest"
) -> "shapes.CreateLoginProfileResponse":
    """Give a user a password, with which it can sign in."""
    user = _check_creation(call, request)
    profile = new_profile(
        user.id,
        call.prepared,
        call.keeper,
        call.now,
        call.random,
        reset_required=request.get("PasswordResetRequired", False),
    )
    call.transaction.put(LOGIN_PROFILE, call.account, profile)
    call.touches("AWS::IAM::User", user.name)
    return {"LoginProfile": _shape(user.name, profile)}


def get_login_profile(
    call: Call, request: "shapes.GetLoginProfileRequest"
) -> "shapes.GetLoginProfileResponse":
    """Whether a user has a password, since when, and whether it must be changed; never the password."""
    owner_id, name = _owner(call, request.get("UserName"))
    return {"LoginProfile": _shape(name, _find(call, owner_id, name))}


def prepare_update(call: Call, request: "shapes.UpdateLoginProfileRequest") -> _Prepared | None:
    """Hash the new password, if one is given."""
    if "Password" not in request:
        return None
    user = find_user(call, request["UserName"])
    profile = _find(call, user.id, user.name)
    _check_policy(call, request["Password"])
    digests = open_hashes(profile.hashes, user.id, call.keeper)
    return _Prepared(profile.hashes, Candidate(request["Password"], digests, call.random))


def update_login_profile(
    call: Call, request: "shapes.UpdateLoginProfileRequest"
) -> "shapes.UpdateLoginProfileResponse":
    """Set another password for a user, which ends what was signed in with the old one, or the flag."""
    user = find_user(call, request["UserName"])
    profile = _find(call, user.id, user.name)
    prepared: _Prepared | None = call.prepared
    if prepared is not None and prepared.new is not None:
        digests = _unchanged(call, user, profile, prepared)
        _check_policy(call, request["Password"])
        check_not_reused(prepared.new, digests, password_policy(call.records, call.account))
        kept = profile.reset_required
        profile = signed_out(
            changed_profile(profile, prepared.new, digests, call.keeper, call.now), call.random
        )
        profile = msgspec.structs.replace(profile, reset_required=kept)
    flag = request.get("PasswordResetRequired", profile.reset_required)
    profile = msgspec.structs.replace(profile, reset_required=flag)
    call.transaction.put(LOGIN_PROFILE, call.account, profile)
    call.touches("AWS::IAM::User", user.name)
    return {}


def delete_login_profile(
    call: Call, request: "shapes.DeleteLoginProfileRequest"
) -> "shapes.DeleteLoginProfileResponse":
    """Take a user's password away; what was signed in with it ends, access keys stay."""
    owner_id, name = _owner(call, request.get("UserName"))
    _find(call, owner_id, name)
    call.transaction.delete(LOGIN_PROFILE, call.account, owner_id)
    if name is not None:
        call.touches("AWS::IAM::User", name)
    return {}


def prepare_change(call: Call, request: "shapes.ChangePasswordRequest") -> _Prepared:
    """Hash the old password, and the new one if the old one was right."""
    user, profile = _own(call)
    check_limits(call.records, _limits(call, user), call.now)
    _check_policy(call, request["NewPassword"])
    digests = open_hashes(profile.hashes, user.id, call.keeper)
    old = Candidate(request["OldPassword"], digests[:1], call.random)
    right = old.equals(digests[0])
    new = Candidate(request["NewPassword"], digests, call.random) if right else None
    return _Prepared(profile.hashes, new, old)


def change_password(call: Call, request: "shapes.ChangePasswordRequest") -> "shapes.ChangePasswordResponse":
    """Change the caller's own password; what it signed in before goes on."""
    user, profile = _own(call)
    of = _limits(call, user)
    check_limits(call.records, of, call.now)
    prepared: _Prepared = call.prepared
    digests = _unchanged(call, user, profile, prepared)
    if prepared.new is None or prepared.old is None or not prepared.old.equals(digests[0]):
        count_failure(call.transaction, of, call.now)
        raise AwsError("AccessDenied", "The old password was incorrect.", 403)
    _check_policy(call, request["NewPassword"])
    check_not_reused(prepared.new, digests, password_policy(call.records, call.account))
    changed = changed_profile(profile, prepared.new, digests, call.keeper, call.now)
    call.transaction.put(LOGIN_PROFILE, call.account, changed)
    forget_failures(call.transaction, of[0])
    call.touches("AWS::IAM::User", user.name)
    return {}


def _check_creation(call: Call, request: "shapes.CreateLoginProfileRequest") -> User:
    name = request.get("UserName")
    user = calling_user(call) if name is None else find_user(call, name)
    if call.records.get(LOGIN_PROFILE, call.account, user.id) is not None:
        raise already_exists(f"Login Profile for user {user.name} already exists.")
    _check_policy(call, _password(request))
    return user


def _password(request: "shapes.CreateLoginProfileRequest") -> str:
    """The model lets it be left out, which is for the root users of an organization's accounts."""
    if "Password" not in request:
        raise AwsError("ValidationError", "The login profile of an IAM user needs a password")
    return request["Password"]


def _check_policy(call: Call, password: str) -> None:
    check_password(password, password_policy(call.records, call.account), call.account, call.records)


def _own(call: Call) -> tuple[User, LoginProfile]:
    """The IAM user that calls, and its profile; raises InvalidUserType for root and for roles."""
    if call.caller.kind is not CallerKind.USER:
        raise AwsError("InvalidUserType", "Only IAM Users can change their own password")
    user = calling_user(call)
    return user, _find(call, user.id, user.name)


def _limits(call: Call, user: User) -> tuple[Limit, Limit]:
    """The limits on guesses of who holds a key of the user; strangers who sign in do not add to them."""
    source = call.context.get("aws:SourceIp", "")
    return limits(f"holder/{user.id}", source if isinstance(source, str) else "")


def _unchanged(call: Call, user: User, profile: LoginProfile, prepared: _Prepared) -> tuple[Digest, ...]:
    """The digests of the profile, if they are still those that the hashing compared with."""
    if profile.hashes != prepared.hashes:
        raise AwsError(
            "EntityTemporarilyUnmodifiable",
            f"Login Profile for User {user.name} cannot be modified while login profile is being modified.",
            409,
        )
    return open_hashes(profile.hashes, user.id, call.keeper)


def _owner(call: Call, name: str | None) -> tuple[str, str | None]:
    """Unique id and name of the user that is named; without a name the caller, which may be root."""
    if name is None and call.caller.kind is CallerKind.ROOT:
        return call.account, None
    user = calling_user(call) if name is None else find_user(call, name)
    return user.id, user.name


def _find(call: Call, owner_id: str, name: str | None) -> LoginProfile:
    profile = call.records.get(LOGIN_PROFILE, call.account, owner_id)
    if profile is None:
        raise no_such_entity(f"Login Profile for User {name or 'root'} cannot be found.")
    return profile


def _shape(name: str | None, profile: LoginProfile) -> "shapes.LoginProfile":
    shape: dict[str, object] = {"CreateDate": profile.create_date}
    if name is not None:
        shape["UserName"] = name
    shape["PasswordResetRequired"] = profile.reset_required
    # The model requires a UserName, which the root user does not have.
    return shape  # type: ignore[return-value]
