"""AWS Key Management Service."""

from masugata.call import DueWork, Operation, PreparedWork
from masugata.services.kms import (
    _operations_aliases,
    _operations_cryptography,
    _operations_custom_key_stores,
    _operations_grants,
    _operations_keys,
    _operations_rotation,
)
from masugata.services.kms._deletion import ERASURES, REMAINDERS
from masugata.services.kms._erasing import EXPIRIES, FORGETTING
from masugata.services.kms._grant_tokens import with_grant_tokens
from masugata.services.kms._rotating import ROTATIONS
from masugata.services.kms._transitions import TRANSITIONS

OPERATIONS: dict[str, Operation] = with_grant_tokens(
    {
        **_operations_aliases.OPERATIONS,
        **_operations_cryptography.OPERATIONS,
        **_operations_custom_key_stores.OPERATIONS,
        **_operations_grants.OPERATIONS,
        **_operations_keys.OPERATIONS,
        **_operations_rotation.OPERATIONS,
    }
)

DUE_WORK: tuple[DueWork | PreparedWork, ...] = (
    ERASURES,
    REMAINDERS,
    EXPIRIES,
    FORGETTING,
    TRANSITIONS,
    ROTATIONS,
)
