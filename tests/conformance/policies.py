"""Policies of organizations: made, attached, listed, changed, detached and deleted."""

from typing import Any

SCP = "SERVICE_CONTROL_POLICY"
CONTENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}'
TAGS = '{"tags":{"shop":{"tag_key":{"@@assign":"Shop"}}}}'


def policies(organizations: Any, account: str) -> None:
    """The life of two policies, one of them declarative, on the root and on an account."""
    root = organizations.list_roots()["Roots"][0]["Id"]
    for policy_type, content in ((SCP, CONTENT), ("TAG_POLICY", TAGS)):
        organizations.enable_policy_type(RootId=root, PolicyType=policy_type)
        made = organizations.create_policy(
            Name="rule",
            Description="a rule",
            Type=policy_type,
            Content=content,
            Tags=[{"Key": "Team", "Value": "red"}],
        )
        policy = made["Policy"]["PolicySummary"]["Id"]
        organizations.update_policy(PolicyId=policy, Name="other", Description="another")
        assert organizations.describe_policy(PolicyId=policy)["Policy"]["Content"] == content
        for target in (root, account):
            organizations.attach_policy(PolicyId=policy, TargetId=target)
            assert policy in _ids(
                organizations, "list_policies_for_target", TargetId=target, Filter=policy_type
            )
        assert policy in _ids(organizations, "list_policies", Filter=policy_type)
        pages = organizations.get_paginator("list_targets_for_policy").paginate(PolicyId=policy)
        assert [target["TargetId"] for page in pages for target in page["Targets"]] == [account, root]
        for target in (root, account):
            organizations.detach_policy(PolicyId=policy, TargetId=target)
        organizations.delete_policy(PolicyId=policy)
        organizations.disable_policy_type(RootId=root, PolicyType=policy_type)


def _ids(organizations: Any, operation: str, **request: Any) -> list[str]:
    pages = organizations.get_paginator(operation).paginate(**request, PaginationConfig={"PageSize": 1})
    return [policy["Id"] for page in pages for policy in page["Policies"]]
