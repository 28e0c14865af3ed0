"""AWS Organizations."""

from masugata.call import DueWork, Operation
from masugata.services.organizations import (
    _closing,
    _creating,
    _operations_accounts,
    _operations_organization,
)

OPERATIONS: dict[str, Operation] = {
    **_operations_accounts.OPERATIONS,
    **_operations_organization.OPERATIONS,
}

DUE_WORK: tuple[DueWork, ...] = (_creating.CREATIONS, _closing.CLOSURES)
