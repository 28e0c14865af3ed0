"""Operations on effective policies."""

from masugata.call import Operation, slow_read
from masugata.services.organizations import effective_policies

OPERATIONS: dict[str, Operation] = {
    "DescribeEffectivePolicy": slow_read(effective_policies.describe_effective_policy),
    "ListAccountsWithInvalidEffectivePolicy": slow_read(
        effective_policies.list_accounts_with_invalid_effective_policy
    ),
    "ListEffectivePolicyValidationErrors": slow_read(
        effective_policies.list_effective_policy_validation_errors
    ),
}
