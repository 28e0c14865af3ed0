"""Operations on policies, their attachments and their types."""

from masugata.call import Operation, read, write
from masugata.services.organizations import policies, policy_attachments, policy_types

OPERATIONS: dict[str, Operation] = {
    "AttachPolicy": write(policy_attachments.attach_policy),
    "CreatePolicy": write(policies.create_policy),
    "DeletePolicy": write(policies.delete_policy),
    "DescribePolicy": read(policies.describe_policy),
    "DetachPolicy": write(policy_attachments.detach_policy),
    "DisablePolicyType": write(policy_types.disable_policy_type),
    "EnablePolicyType": write(policy_types.enable_policy_type),
    "ListPolicies": read(policies.list_policies),
    "ListPoliciesForTarget": read(policy_attachments.list_policies_for_target),
    "ListTargetsForPolicy": read(policy_attachments.list_targets_for_policy),
    "UpdatePolicy": write(policies.update_policy),
}
