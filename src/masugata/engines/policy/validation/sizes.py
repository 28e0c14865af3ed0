"""The quotas of policies' sizes.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""

from typing import Final

from masugata.engines.policy.grammar import policy_size
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.validation._report import Report
from masugata.engines.policy.validation._statements import Policy

_QUOTAS: Final = {
    PolicyType.IDENTITY: (6_144, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"),
    PolicyType.BOUNDARY: (6_144, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"),
    PolicyType.SESSION: (2_048, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"),
    PolicyType.TRUST: (2_048, "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA"),
    PolicyType.SCP: (5_120, "POLICY_SIZE_EXCEEDS_SCP_QUOTA"),
    PolicyType.RCP: (5_120, "POLICY_SIZE_EXCEEDS_RCP_QUOTA"),
}
# 20 KB of the policies of these; how large others may be is for their service to say.
_RESOURCES: Final = {"AWS::S3::Bucket", "AWS::S3::AccessPoint", "AWS::DynamoDB::Table"}


def _size(policy: Policy, report: Report) -> None:
    quota, code = _QUOTAS.get(policy.type, (20_480, "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA"))
    if policy.type not in _QUOTAS and policy.resource_type not in _RESOURCES:
        return
    if policy.type in (PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION, PolicyType.TRUST):
        size, counted = policy_size(policy.text, policy.type), "without white space"
    else:
        size, counted = len(policy.text), "with white space"
    if size > quota:
        report.add(code, f"the policy has {size} characters {counted}; the quota is {quota}", policy.root)


CHECKS = (_size,)
