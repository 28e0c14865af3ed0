"""AWS Key Management Service."""

from masugata.call import DueWork, Operation, PreparedWork
from masugata.services.kms import (
    _operations_aliases,
    _operations_cryptography,
    _operations_keys,
    _operations_rotation,
)
from masugata.services.kms._erasing import EXPIRIES, FORGETTING
from masugata.services.kms._rotating import ROTATIONS

OPERATIONS: dict[str, Operation] = {
    **_operations_aliases.OPERATIONS,
    **_operations_cryptography.OPERATIONS,
    **_operations_keys.OPERATIONS,
    **_operations_rotation.OPERATIONS,
}

DUE_WORK: tuple[DueWork | PreparedWork, ...] = (EXPIRIES, FORGETTING, ROTATIONS)
