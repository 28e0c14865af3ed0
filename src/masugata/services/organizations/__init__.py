"""AWS Organizations."""

from masugata.call import Operation
from masugata.services.organizations import _operations_organization, _operations_policies

OPERATIONS: dict[str, Operation] = {
    **_operations_organization.OPERATIONS,
    **_operations_policies.OPERATIONS,
}
