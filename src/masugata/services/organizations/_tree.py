"""Look-ups in the tree of an organization, with AWS's errors."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.organizations import (
    ORGANIZATIONAL_UNIT,
    Organization,
    OrganizationalUnit,
    find_target,
    levels,
    path_of,
)
from masugata.services.organizations._common import arn

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def find_parent(call: Call, organization: Organization, parent_id: str) -> Organization | OrganizationalUnit:
    """The root or the organizational unit with this id; raises ParentNotFoundException."""
    found = find_target(call.records, organization, parent_id)
    if not isinstance(found, Organization | OrganizationalUnit):
        raise AwsError(
            "ParentNotFoundException", f"You specified a parent that doesn't exist: {parent_id}.", 400
        )
    return found


def find_unit(call: Call, organization: Organization, unit_id: str) -> OrganizationalUnit:
    """The organizational unit with this id; raises OrganizationalUnitNotFoundException."""
    found = call.records.get(ORGANIZATIONAL_UNIT, organization.management_account, unit_id)
    if found is None:
        raise AwsError(
            "OrganizationalUnitNotFoundException",
            f"You specified an organizational unit that doesn't exist: {unit_id}.",
            400,
        )
    return found


def unit_shape(
    call: Call, organization: Organization, unit: OrganizationalUnit
) -> "shapes.OrganizationalUnit":
    """An organizational unit as it is answered."""
    return {
        "Id": unit.id,
        "Arn": arn(call, organization, "ou", unit.id),
        "Name": unit.name,
        "Path": path_of(organization, levels(call.records, organization, unit.id)),
    }
