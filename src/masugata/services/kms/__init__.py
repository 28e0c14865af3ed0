"""AWS Key Management Service."""

from masugata.call import Operation
from masugata.services.kms import _operations_aliases, _operations_cryptography, _operations_keys

OPERATIONS: dict[str, Operation] = {
    **_operations_aliases.OPERATIONS,
    **_operations_cryptography.OPERATIONS,
    **_operations_keys.OPERATIONS,
}
