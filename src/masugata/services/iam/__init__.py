"""AWS Identity and Access Management."""

from masugata.call import Operation
from masugata.services.iam._operations_account import ACCOUNT_OPERATIONS
from masugata.services.iam._operations_identities import IDENTITY_OPERATIONS
from masugata.services.iam._operations_policies import POLICY_OPERATIONS

OPERATIONS: dict[str, Operation] = {**ACCOUNT_OPERATIONS, **IDENTITY_OPERATIONS, **POLICY_OPERATIONS}
