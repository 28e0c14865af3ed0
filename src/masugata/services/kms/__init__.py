"""AWS Key Management Service."""

from masugata.call import DueWork, Operation
from masugata.services.kms import _deletion, _operations_cryptography, _operations_keys

OPERATIONS: dict[str, Operation] = {
    **_operations_cryptography.OPERATIONS,
    **_operations_keys.OPERATIONS,
}

DUE_WORK: tuple[DueWork, ...] = (_deletion.ERASURES,)
