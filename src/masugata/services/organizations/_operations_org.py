"""Operations on the tree of an organization, its tags, trusted services, delegates and resource policy."""

from masugata.call import Operation, read, write
from masugata.services.organizations import organizational_units, relatives, tags

OPERATIONS: dict[str, Operation] = {
    "CreateOrganizationalUnit": write(organizational_units.create_organizational_unit),
    "DeleteOrganizationalUnit": write(organizational_units.delete_organizational_unit),
    "DescribeOrganizationalUnit": read(organizational_units.describe_organizational_unit),
    "ListChildren": read(relatives.list_children),
    "ListOrganizationalUnitsForParent": read(organizational_units.list_organizational_units_for_parent),
    "ListParents": read(relatives.list_parents),
    "ListTagsForResource": read(tags.list_tags_for_resource),
    "TagResource": write(tags.tag_resource),
    "UntagResource": write(tags.untag_resource),
    "UpdateOrganizationalUnit": write(organizational_units.update_organizational_unit),
}
