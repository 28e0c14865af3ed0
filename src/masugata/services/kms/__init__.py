"""AWS Key Management Service."""

from masugata.call import Operation
from masugata.services.kms import _operations_cryptography, _operations_grants, _operations_keys
from masugata.services.kms._grant_tokens import with_grant_tokens

OPERATIONS: dict[str, Operation] = with_grant_tokens(
    {
        **_operations_cryptography.OPERATIONS,
        **_operations_grants.OPERATIONS,
        **_operations_keys.OPERATIONS,
    }
)
