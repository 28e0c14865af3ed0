"""Operations on organizational units."""

from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.kind import Kind
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATIONAL_UNIT,
    Organization,
    OrganizationalUnit,
    levels,
)
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    invalid_input,
    new_id,
    page,
)
from masugata.services.organizations._tag_policies import created_tags
from masugata.services.organizations._tree import find_parent, find_unit, unit_shape

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_TYPE = "AWS::Organizations::OrganizationalUnit"


def create_organizational_unit(
    call: Call, request: "shapes.CreateOrganizationalUnitRequest"
) -> "shapes.CreateOrganizationalUnitResponse":
    """Make an organizational unit in the root or in another unit.

    Raises ParentNotFoundException, DuplicateOrganizationalUnitException, ConstraintViolationException with
    OU_DEPTH_LIMIT_EXCEEDED or OU_NUMBER_LIMIT_EXCEEDED, and what `created_tags` raises.
    """
    organization = acting_organization(call)
    parent_id = request["ParentId"]
    find_parent(call, organization, parent_id)
    tags = created_tags(call, organization, "organizations:ou", request.get("Tags"))
    _refuse_name_in_use(call, parent_id, request["Name"])
    _refuse_too_many(call, organization, parent_id)
    unit = OrganizationalUnit(
        # The root's own letters, so that one sees in which root a unit is.
        id=new_id(call, f"ou-{organization.root_id.removeprefix('r-')}", 8),
        name=request["Name"],
        parent=parent_id,
        tags=tags,
    )
    return {"OrganizationalUnit": _put(call, organization, unit)}


def update_organizational_unit(
    call: Call, request: "shapes.UpdateOrganizationalUnitRequest"
) -> "shapes.UpdateOrganizationalUnitResponse":
    """Rename an organizational unit; without a name nothing changes.

    Raises OrganizationalUnitNotFoundException and DuplicateOrganizationalUnitException.
    """
    organization = acting_organization(call)
    unit = find_unit(call, organization, request["OrganizationalUnitId"])
    name = request.get("Name", unit.name)
    if name != unit.name:
        _refuse_name_in_use(call, unit.parent, name)
    return {"OrganizationalUnit": _put(call, organization, msgspec.structs.replace(unit, name=name))}


def delete_organizational_unit(
    call: Call, request: "shapes.DeleteOrganizationalUnitRequest"
) -> dict[str, object]:
    """Delete an empty organizational unit; what was attached to it stays where else it is attached.

    Raises OrganizationalUnitNotFoundException and OrganizationalUnitNotEmptyException.
    """
    organization = acting_organization(call)
    unit = find_unit(call, organization, request["OrganizationalUnitId"])
    account = organization.management_account
    if _has_children(call, account, unit.id):
        raise AwsError(
            "OrganizationalUnitNotEmptyException",
            "The organizational unit is not empty. Move all accounts to another root or to other "
            "organizational units, remove all child organizational units, and try the operation again.",
            400,
        )
    call.transaction.delete(ORGANIZATIONAL_UNIT, account, unit.id)
    call.touches(_TYPE, unit.id)
    return {}


def describe_organizational_unit(
    call: Call, request: "shapes.DescribeOrganizationalUnitRequest"
) -> "shapes.DescribeOrganizationalUnitResponse":
    """One organizational unit; raises OrganizationalUnitNotFoundException."""
    organization = acting_organization(call)
    unit = find_unit(call, organization, request["OrganizationalUnitId"])
    return {"OrganizationalUnit": unit_shape(call, organization, unit)}


def list_organizational_units_for_parent(
    call: Call, request: "shapes.ListOrganizationalUnitsForParentRequest"
) -> "shapes.ListOrganizationalUnitsForParentResponse":
    """The organizational units directly below the root or another unit; raises ParentNotFoundException."""
    organization = acting_organization(call)
    parent_id = request["ParentId"]
    find_parent(call, organization, parent_id)
    units = call.records.referring(ORGANIZATIONAL_UNIT, organization.management_account, "parent", parent_id)
    listed, rest = page(request, f"units/{parent_id}", units, lambda unit: unit.id)
    return {"OrganizationalUnits": [unit_shape(call, organization, unit) for unit in listed], **rest}


def _put(call: Call, organization: Organization, unit: OrganizationalUnit) -> "shapes.OrganizationalUnit":
    call.transaction.put(ORGANIZATIONAL_UNIT, organization.management_account, unit)
    call.touches(_TYPE, unit.id)
    return unit_shape(call, organization, unit)


def _has_children(call: Call, account: str, unit_id: str) -> bool:
    kinds: tuple[Kind[Any], ...] = (MEMBER, ORGANIZATIONAL_UNIT)
    return any(call.records.referring(kind, account, "parent", unit_id) for kind in kinds)


def _refuse_name_in_use(call: Call, parent_id: str, name: str) -> None:
    """Siblings have different names; a name is more than white space, and what any database can hold."""
    if not name.strip() or "\0" in name:
        raise invalid_input(
            "INVALID_PATTERN",
            "The name of an organizational unit can't be blank, nor hold a zero character.",
        )
    if call.records.by_name(ORGANIZATIONAL_UNIT, "name", f"{parent_id}/{name}") is not None:
        raise AwsError(
            "DuplicateOrganizationalUnitException",
            "An organizational unit with the same name already exists.",
            400,
        )


def _refuse_too_many(call: Call, organization: Organization, parent_id: str) -> None:
    deepest = limit(call.limits, "organizations.organizational-unit-levels")
    # The root is no level of its own: below it is the first.
    if len(levels(call.records, organization, parent_id)) > deepest:
        raise constraint_violation(
            "OU_DEPTH_LIMIT_EXCEEDED",
            f"You can't create an organizational unit more than {deepest} levels below the root.",
        )
    most = limit(call.limits, "organizations.organizational-units")
    if call.records.count(ORGANIZATIONAL_UNIT, organization.management_account) >= most:
        raise constraint_violation(
            "OU_NUMBER_LIMIT_EXCEEDED",
            f"You have reached the limit of {most} organizational units in an organization.",
        )
