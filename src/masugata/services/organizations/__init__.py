"""AWS Organizations."""

from masugata.call import Operation
from masugata.services.organizations import _operations_org, _operations_organization

OPERATIONS: dict[str, Operation] = {
    **_operations_org.OPERATIONS,
    **_operations_organization.OPERATIONS,
}
