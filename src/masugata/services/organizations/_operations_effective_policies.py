"""Operations on effective policies."""

from masugata.call import Operation, read
from masugata.services.organizations import effective_policies

OPERATIONS: dict[str, Operation] = {
    "DescribeEffectivePolicy": read(effective_policies.describe_effective_policy),
    "ListAccountsWithInvalidEffectivePolicy": read(
        effective_policies.list_accounts_with_invalid_effective_policy
    ),
    "ListEffectivePolicyValidationErrors": read(effective_policies.list_effective_policy_validation_errors),
}
