"""AWS Organizations."""

from masugata.call import DueWork, Operation
from masugata.services.organizations import (
    _closing,
    _creating,
    _operations_accounts,
from masugata.call import Operation
    _operations_effective_policies,
    _operations_organization,
    _operations_policies,
)

OPERATIONS: dict[str, Operation] = {
    **_operations_accounts.OPERATIONS,
    **_operations_effective_policies.OPERATIONS,
    **_operations_organization.OPERATIONS,
    **_operations_policies.OPERATIONS,
}

DUE_WORK: tuple[DueWork, ...] = (_creating.CREATIONS, _closing.CLOSURES)
