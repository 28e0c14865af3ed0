"""Operations on organizations as a whole."""

from masugata.call import Operation, read, write
from masugata.services.organizations import organization, roots

OPERATIONS: dict[str, Operation] = {
    "CreateOrganization": write(organization.create_organization),
    "DescribeOrganization": read(organization.describe_organization),
    "ListRoots": read(roots.list_roots),
}
