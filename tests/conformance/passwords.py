"""The part of the tour through all built operations that is about passwords."""

from typing import Any

FIRST, SECOND = "Correct-Horse-9", "Battery-Staple-7"


def passwords(iam: Any) -> None:
    """The life of the password policy and of a password; the caller is the user admin."""
    iam.update_account_password_policy(
        MinimumPasswordLength=12,
        RequireSymbols=True,
        AllowUsersToChangePassword=True,
        MaxPasswordAge=90,
        PasswordReusePrevention=24,
        HardExpiry=True,
    )
    assert iam.get_account_password_policy()["PasswordPolicy"]["ExpirePasswords"] is True
    iam.create_login_profile(UserName="admin", Password=FIRST, PasswordResetRequired=True)
    assert iam.get_login_profile()["LoginProfile"]["PasswordResetRequired"] is True
    iam.change_password(OldPassword=FIRST, NewPassword=SECOND)
    iam.update_login_profile(UserName="admin", PasswordResetRequired=True)
    iam.delete_login_profile(UserName="admin")
    iam.delete_account_password_policy()
