"""What Prowler's checks of IAM and Organizations say of the accounts that are audited, and why.

Check → what every finding says of the well kept account, and a word from a finding of the badly kept one
that fails (None: it has no such finding). A check that cannot pass says why beside it.
"""

from typing import NamedTuple

from e2e.audited_organizations import SHOP


class Expected(NamedTuple):
    """The status of all findings on the good account, and what a failing one on the bad account says."""

    good: str
    bad: str | None


def _passes(bad: str | None) -> Expected:
    return Expected("PASS", bad)


CHECKS: dict[str, Expected] = {
    "iam_administrator_access_with_mfa": _passes("User chief with MFA disabled"),
    "iam_avoid_root_usage": _passes("was last accessed 0 days ago"),
    "iam_aws_attached_policy_no_administrative_privileges": _passes("AdministratorAccess is attached"),
    "iam_check_saml_providers_sts": _passes("No SAML Providers found"),
    "iam_customer_attached_policy_no_administrative_privileges": _passes("everything is attached"),
    "iam_customer_unattached_policy_no_administrative_privileges": _passes("spare is unattached"),
    "iam_group_administrator_access_policy": _passes("admins has AdministratorAccess"),
    # Prowler 5.46 never says FAIL here: its list of escalations has an action that its own library refuses.
    "iam_inline_policy_allows_privilege_escalation": _passes(None),
    "iam_inline_policy_no_administrative_privileges": _passes("careless"),
    "iam_inline_policy_no_full_access_to_cloudtrail": _passes("careless"),
    "iam_inline_policy_no_full_access_to_kms": _passes("careless"),
    "iam_inline_policy_no_wildcard_marketplace_subscribe": _passes("careless"),
    "iam_no_custom_policy_permissive_role_assumption": _passes("everything allows permissive"),
    "iam_no_expired_server_certificates_stored": _passes("shop has expired"),
    "iam_no_root_access_key": _passes("one active access key"),
    "iam_password_policy_expires_passwords_within_90_days_or_less": _passes("expiration is not set"),
    "iam_password_policy_lowercase": _passes("lowercase"),
    "iam_password_policy_minimum_length_14": _passes("minimum length of 14"),
    "iam_password_policy_number": _passes("number"),
    "iam_password_policy_reuse_24": _passes("reuse prevention"),
    "iam_password_policy_symbol": _passes("symbol"),
    "iam_password_policy_uppercase": _passes("uppercase"),
    "iam_policy_allows_privilege_escalation": _passes(None),
    "iam_policy_attached_only_to_group_or_roles": _passes("User admin has the policy AdministratorAccess"),
    "iam_policy_cloudshell_admin_not_attached": _passes("Machines"),
    "iam_policy_no_agentcore_workload_access_token_wildcard": _passes("agents"),
    "iam_policy_no_full_access_to_cloudtrail": _passes("trail allows 'cloudtrail:*'"),
    "iam_policy_no_full_access_to_kms": _passes("keys allows 'kms:*'"),
    "iam_policy_no_wildcard_marketplace_subscribe": _passes("market allows"),
    "iam_policy_passrole_to_bedrock_agentcore_restricted": _passes("agents"),
    # SecurityAudit, which a role must have for another check, allows to read Bedrock, and nobody did.
    "iam_role_access_not_stale_to_bedrock": Expected("FAIL", "Everything has Bedrock permissions"),
    "iam_role_administratoraccess_policy": _passes("Everything has AdministratorAccess"),
    "iam_role_cross_account_readonlyaccess_policy": _passes("Partner"),
    "iam_role_cross_service_confused_deputy_prevention": _passes("Machines does not prevent"),
    "iam_role_service_trust_restricts_source_to_account": _passes(None),
    # MFA devices are virtual here.
    "iam_root_hardware_mfa_enabled": Expected("FAIL", "MFA is not enabled"),
    "iam_root_credentials_management_enabled": _passes("Root credentials management is not enabled"),
    "iam_root_mfa_enabled": _passes("MFA is not enabled for root account"),
    "iam_rotate_access_key_90_days": _passes("User admin has not rotated access key"),
    "iam_securityaudit_role_created": _passes("SecurityAudit policy is not attached"),
    "iam_support_role_created": _passes("Support Access policy is not attached"),
    "iam_user_access_not_stale_to_bedrock": _passes("admin has Bedrock permissions"),
    "iam_user_access_not_stale_to_sagemaker": _passes("idle has SageMaker permissions"),
    "iam_user_accesskey_unused": _passes("User idle has not used access key"),
    "iam_user_administrator_access_policy": _passes("admin has AdministratorAccess"),
    "iam_user_console_access_unused": _passes("User idle has not logged in"),
    "iam_user_hardware_mfa_enabled": Expected("FAIL", "does not have any type of MFA"),
    "iam_user_mfa_enabled_console_access": _passes("careless has Console Password enabled but MFA disabled"),
    "iam_user_no_setup_initial_access_key": _passes("User careless has never used access key"),
    "iam_user_two_active_access_key": _passes("User admin has 2 active access keys"),
    "iam_user_with_temporary_credentials": _passes("admin has long lived credentials"),
    # The badly kept account is in an organization, too; `ALONE` is in none.
    "organizations_account_part_of_organizations": _passes(None),
    "organizations_delegated_administrators": _passes(f"untrusted Delegated Administrator: {SHOP}"),
    "organizations_opt_out_ai_services_policy": _passes("does not disallow child-accounts to overwrite"),
    "organizations_scp_check_deny_regions": _passes("but not all the configured ones"),
    "organizations_tags_policies_enabled_and_attached": _passes("enabled but not attached"),
}

# Of an account in no organization. It has no delegated administrators, so nothing is said of them.
ALONE = {
    "organizations_account_part_of_organizations": {"FAIL"},
    "organizations_opt_out_ai_services_policy": {"FAIL"},
    "organizations_scp_check_deny_regions": {"FAIL"},
    "organizations_tags_policies_enabled_and_attached": {"FAIL"},
}

# Of a member account. It may not list policies and delegated administrators, so nothing is said of them.
MEMBER = {"organizations_account_part_of_organizations": {"PASS"}}
