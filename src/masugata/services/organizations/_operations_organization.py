"""Operations on organizations as a whole."""

from masugata.call import Operation, read, write
from masugata.services.organizations import accounts, organization, roots

OPERATIONS: dict[str, Operation] = {
    "CreateOrganization": write(organization.create_organization),
    "DescribeAccount": read(accounts.describe_account),
    "DescribeOrganization": read(organization.describe_organization),
    "ListRoots": read(roots.list_roots),
}
