"""Operations on the tree of an organization, its tags, trusted services, delegates and resource policy."""

from masugata.call import Operation, read, write
from masugata.services.organizations import (
    delegated_administrators,
    dissolution,
    organizational_units,
    relatives,
    resource_policy,
    tags,
    trusted_access,
)

OPERATIONS: dict[str, Operation] = {
    "CreateOrganizationalUnit": write(organizational_units.create_organizational_unit),
    "DeleteOrganization": write(dissolution.delete_organization),
    "DeleteOrganizationalUnit": write(organizational_units.delete_organizational_unit),
    "DeleteResourcePolicy": write(resource_policy.delete_resource_policy),
    "DeregisterDelegatedAdministrator": write(delegated_administrators.deregister_delegated_administrator),
    "DescribeOrganizationalUnit": read(organizational_units.describe_organizational_unit),
    "DescribeResourcePolicy": read(resource_policy.describe_resource_policy),
    "DisableAWSServiceAccess": write(trusted_access.disable_aws_service_access),
    "EnableAWSServiceAccess": write(trusted_access.enable_aws_service_access),
    "ListAWSServiceAccessForOrganization": read(trusted_access.list_aws_service_access_for_organization),
    "ListChildren": read(relatives.list_children),
    "ListDelegatedAdministrators": read(delegated_administrators.list_delegated_administrators),
    "ListDelegatedServicesForAccount": read(delegated_administrators.list_delegated_services_for_account),
    "ListOrganizationalUnitsForParent": read(organizational_units.list_organizational_units_for_parent),
    "ListParents": read(relatives.list_parents),
    "ListTagsForResource": read(tags.list_tags_for_resource),
    "PutResourcePolicy": write(resource_policy.put_resource_policy),
    "RegisterDelegatedAdministrator": write(delegated_administrators.register_delegated_administrator),
    "TagResource": write(tags.tag_resource),
    "UntagResource": write(tags.untag_resource),
    "UpdateOrganizationalUnit": write(organizational_units.update_organizational_unit),
}
