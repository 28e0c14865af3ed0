"""AWS Organizations."""

from masugata.call import Operation
from masugata.services.organizations import (
    _operations_handshakes,
    _operations_organization,
    _operations_transfers,
)

OPERATIONS: dict[str, Operation] = {
    **_operations_handshakes.OPERATIONS,
    **_operations_organization.OPERATIONS,
    **_operations_transfers.OPERATIONS,
}
