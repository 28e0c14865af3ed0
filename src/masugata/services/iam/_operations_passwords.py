"""The rows of IAM's table for login profiles and the password policy."""

from masugata.call import Operation, read, write
from masugata.services.iam import login_profiles, password_policy

PASSWORD_OPERATIONS: dict[str, Operation] = {
    "CreateLoginProfile": write(login_profiles.create_login_profile, login_profiles.prepare_create),
    "GetLoginProfile": read(login_profiles.get_login_profile),
    "UpdateLoginProfile": write(login_profiles.update_login_profile, login_profiles.prepare_update),
    "DeleteLoginProfile": write(login_profiles.delete_login_profile),
    "ChangePassword": write(login_profiles.change_password, login_profiles.prepare_change),
    "GetAccountPasswordPolicy": read(password_policy.get_account_password_policy),
    "UpdateAccountPasswordPolicy": write(password_policy.update_account_password_policy),
    "DeleteAccountPasswordPolicy": write(password_policy.delete_account_password_policy),
}
