"""What a password must be like, and how long it lasts.

Source: IAM User Guide, "Set an account password policy for IAM users".
"""

from datetime import datetime, timedelta
from enum import Enum

from masugata.errors import AwsError
from masugata.identity.passwords import Candidate, Digest
from masugata.records.account import ACCOUNT
from masugata.records.iam import ONE_PER_ACCOUNT, PASSWORD_POLICY, LoginProfile, PasswordPolicy
from masugata.store import Records

SYMBOLS = frozenset("!@#$%^&*()_+-=[]{}|'")

_DEFAULT_LENGTH = 8
_DEFAULT_CLASSES = 3


class Standing(Enum):
    """What the owner of a right password may do with it."""

    VALID = "valid"
    CHANGE_REQUIRED = "change required"
    EXPIRED = "expired, and only an administrator can set another"


def password_policy(records: Records, account: str) -> PasswordPolicy | None:
    """The password policy of an account, or None if it set none and AWS's default counts."""
    return records.get(PASSWORD_POLICY, account, ONE_PER_ACCOUNT)


def violation() -> AwsError:
    """AWS's one answer to any password that its policy does not permit."""
    return AwsError("PasswordPolicyViolation", "Password does not conform to the account password policy.")


def check_password(password: str, policy: PasswordPolicy | None, account: str, records: Records) -> None:
    """Raise PasswordPolicyViolation unless `password` is one that a user of the account may have.

    Pass None as the policy for the root user, whom the account's policy does not bind.
    """
    classes = (
        any("A" <= c <= "Z" for c in password),
        any("a" <= c <= "z" for c in password),
        any("0" <= c <= "9" for c in password),
        any(c in SYMBOLS for c in password),
    )
    if policy is None:
        fits = len(password) >= _DEFAULT_LENGTH and sum(classes) >= _DEFAULT_CLASSES
    else:
        required = (
            policy.require_uppercase,
            policy.require_lowercase,
            policy.require_numbers,
            policy.require_symbols,
        )
        fits = len(password) >= policy.minimum_length and all(
            has or not must for has, must in zip(classes, required, strict=True)
        )
    if not fits or password.lower() in _names_of_account(account, records):
        raise violation()


def check_not_reused(
    candidate: Candidate, digests: tuple[Digest, ...], policy: PasswordPolicy | None
) -> None:
    """Raise PasswordPolicyViolation for one of the last passwords, if the policy prevents their reuse.

    `digests` are the present password's and the earlier ones; the present one counts beside those
    that PasswordReusePrevention asks for, which AWS leaves open.
    """
    remembered = policy.reuse_prevention if policy is not None else 0
    if remembered and any(candidate.equals(digest) for digest in digests[: remembered + 1]):
        raise violation()


def expiry(profile: LoginProfile, policy: PasswordPolicy | None) -> datetime | None:
    """When the present password expires, or None if it never does."""
    if policy is None or not policy.maximum_age:
        return None
    return profile.change_date + timedelta(days=policy.maximum_age)


def standing(profile: LoginProfile, policy: PasswordPolicy | None, now: datetime) -> Standing:
    """Whether the password can be signed in with; pass None as the policy for the root user."""
    expires = expiry(profile, policy)
    if expires is not None and expires <= now:
        return Standing.EXPIRED if policy is not None and policy.hard_expiry else Standing.CHANGE_REQUIRED
    return Standing.CHANGE_REQUIRED if profile.reset_required else Standing.VALID


def _names_of_account(account: str, records: Records) -> set[str]:
    record = records.get(ACCOUNT, account, account)
    if record is None:
        return set()
    return {name.lower() for name in (record.root_email, record.alias) if name}
