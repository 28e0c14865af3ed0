"""Effective policies of organizations."""

import json
from typing import Any

BACKUPS = "BACKUP_POLICY"


def effective_policies(organizations: Any, account: str) -> None:
    """A backup plan that lacks most of what it needs: the effective policy, and what is wrong with it."""
    root = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root, PolicyType=BACKUPS)
    rule = {"target_backup_vault_name": {"@@assign": "Cellar"}}
    content = json.dumps({"plans": {"Nightly": {"rules": {"Rule": rule}}}})
    policy = organizations.create_policy(Name="nightly", Description="", Type=BACKUPS, Content=content)[
        "Policy"
    ]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=policy, TargetId=root)
    found = organizations.describe_effective_policy(PolicyType=BACKUPS, TargetId=account)
    assert json.loads(found["EffectivePolicy"]["PolicyContent"]) == {
        "plans": {"Nightly": {"rules": {"rule": {"target_backup_vault_name": "Cellar"}}}}
    }
    invalid = organizations.get_paginator("list_accounts_with_invalid_effective_policy")
    (accounts,) = invalid.paginate(PolicyType=BACKUPS)
    assert account in {one["Id"] for one in accounts["Accounts"]}
    errors = organizations.get_paginator("list_effective_policy_validation_errors")
    (listed,) = errors.paginate(PolicyType=BACKUPS, AccountId=account)
    assert listed["EffectivePolicyValidationErrors"][0]["ContributingPolicies"] == [policy]
    organizations.detach_policy(PolicyId=policy, TargetId=root)
    organizations.delete_policy(PolicyId=policy)
