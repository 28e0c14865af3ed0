"""Operations on the account's password policy."""

from typing import TYPE_CHECKING, Any

from masugata.call import Call
from masugata.identity.password_rules import password_policy
from masugata.records.iam import ONE_PER_ACCOUNT, PASSWORD_POLICY, PasswordPolicy
from masugata.services.iam._common import no_such_entity

if TYPE_CHECKING:
    from masugata_types import iam as shapes


def get_account_password_policy(
    call: Call, _request: "shapes.GetAccountPasswordPolicyRequest"
) -> "shapes.GetAccountPasswordPolicyResponse":
    """The policy that the account set; raises NoSuchEntity while AWS's default counts."""
    policy = _find(call)
    shape: shapes.PasswordPolicy = {
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.require_symbols,
        "RequireNumbers": policy.require_numbers,
        "RequireUppercaseCharacters": policy.require_uppercase,
        "RequireLowercaseCharacters": policy.require_lowercase,
        "AllowUsersToChangePassword": policy.allow_users_to_change,
        "ExpirePasswords": policy.maximum_age > 0,
    }
    if policy.maximum_age:
        shape["MaxPasswordAge"] = policy.maximum_age
    if policy.reuse_prevention:
        shape["PasswordReusePrevention"] = policy.reuse_prevention
    if policy.hard_expiry is not None:
        shape["HardExpiry"] = policy.hard_expiry
    return {"PasswordPolicy": shape}


def update_account_password_policy(
    call: Call, request: "shapes.UpdateAccountPasswordPolicyRequest"
) -> "shapes.UpdateAccountPasswordPolicyResponse":
    """Set the whole policy: what is left out returns to its default."""
    members: dict[str, Any] = {
        "minimum_length": request.get("MinimumPasswordLength"),
        "require_symbols": request.get("RequireSymbols"),
        "require_numbers": request.get("RequireNumbers"),
        "require_uppercase": request.get("RequireUppercaseCharacters"),
        "require_lowercase": request.get("RequireLowercaseCharacters"),
        "allow_users_to_change": request.get("AllowUsersToChangePassword"),
        "maximum_age": request.get("MaxPasswordAge"),
        "reuse_prevention": request.get("PasswordReusePrevention"),
        "hard_expiry": request.get("HardExpiry"),
    }
    policy = PasswordPolicy(**{name: value for name, value in members.items() if value is not None})
    call.transaction.put(PASSWORD_POLICY, call.account, policy)
    return {}


def delete_account_password_policy(
    call: Call, _request: "shapes.DeleteAccountPasswordPolicyRequest"
) -> "shapes.DeleteAccountPasswordPolicyResponse":
    """Return to AWS's default."""
    _find(call)
    call.transaction.delete(PASSWORD_POLICY, call.account, ONE_PER_ACCOUNT)
    return {}


def _find(call: Call) -> PasswordPolicy:
    policy = password_policy(call.records, call.account)
    if policy is None:
        raise no_such_entity(f"The Password Policy with domain name {call.account} cannot be found.")
    return policy
