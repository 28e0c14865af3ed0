"""The life of a password and of the policy for all of them."""

from typing import Any

FIRST, SECOND, THIRD = "Correct-Horse-9", "Other-Horse-10", "Third-Horse-11"


def passwords(iam: Any) -> None:
    """Everything that can be done with a password, for the user `admin`, who is the caller."""
    made = iam.create_login_profile(UserName="admin", Password=FIRST)["LoginProfile"]
    assert iam.get_login_profile(UserName="admin")["LoginProfile"] == made
    iam.update_login_profile(UserName="admin", Password=SECOND)
    iam.change_password(OldPassword=SECOND, NewPassword=THIRD)
    assert "PasswordLastUsed" not in iam.get_user(UserName="admin")["User"]
    iam.delete_login_profile(UserName="admin")
    wanted = {"MinimumPasswordLength": 12, "MaxPasswordAge": 90, "PasswordReusePrevention": 3}
    iam.update_account_password_policy(**wanted, AllowUsersToChangePassword=True)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert policy.items() >= wanted.items()
    assert policy["ExpirePasswords"]
    iam.delete_account_password_policy()
