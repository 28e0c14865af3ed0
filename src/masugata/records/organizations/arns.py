"""The ARNs of what is in organizations.

Source: the service authorization reference, "Resource types defined by AWS Organizations".
"""

from masugata.records.organizations.organization import Organization
from masugata.records.organizations.policies import AWS_POLICIES, OrganizationPolicy


def organization_arn(organization: Organization, what: str, *parts: str, partition: str = "aws") -> str:
    """An ARN `arn:…:organizations::MANAGEMENT:what/o-…/parts`, such as of an `account` or `ou`."""
    resource = "/".join((what, organization.id, *parts))
    return f"arn:{partition}:organizations::{organization.management_account}:{resource}"


def policy_path_segment(policy_type: str) -> str:
    """How a type is written in the ARNs of policies, such as `service_control_policy`."""
    return policy_type.lower()


def policy_arn(organization: Organization, policy: OrganizationPolicy, partition: str = "aws") -> str:
    """The ARN of a policy of an organization, or of AWS's."""
    segment = policy_path_segment(policy.type)
    if policy.id in AWS_POLICIES:
        return f"arn:{partition}:organizations::aws:policy/{segment}/{policy.id}"
    return organization_arn(organization, "policy", segment, policy.id, partition=partition)
