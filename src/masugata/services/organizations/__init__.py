"""AWS Organizations."""

from masugata.call import DueWork, Operation
from masugata.services.organizations import (
    _closing,
    _creating,
    _operations_accounts,
    _operations_effective_policies,
    _operations_handshakes,
    _operations_org,
    _operations_organization,
    _operations_policies,
    _operations_transfers,
)

OPERATIONS: dict[str, Operation] = {
    **_operations_accounts.OPERATIONS,
    **_operations_effective_policies.OPERATIONS,
    **_operations_handshakes.OPERATIONS,
    **_operations_organization.OPERATIONS,
    **_operations_org.OPERATIONS,
    **_operations_policies.OPERATIONS,
    **_operations_transfers.OPERATIONS,
}

DUE_WORK: tuple[DueWork, ...] = (_creating.CREATIONS, _closing.CLOSURES)
