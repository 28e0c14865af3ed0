"""Operations that walk the tree of an organization: up to parents and down to children."""

from typing import TYPE_CHECKING, Any

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kind import Kind
from masugata.records.organizations import MEMBER, ORGANIZATIONAL_UNIT, Organization, find_target
from masugata.services.organizations._common import acting_organization, page
from masugata.services.organizations._tree import find_parent

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def list_parents(call: Call, request: "shapes.ListParentsRequest") -> "shapes.ListParentsResponse":
    """The one parent of an account or organizational unit; raises ChildNotFoundException."""
    organization = acting_organization(call)
    child_id = request["ChildId"]
    child = find_target(call.records, organization, child_id)
    if child is None or isinstance(child, Organization):
        raise AwsError(
            "ChildNotFoundException", f"You specified a child that doesn't exist: {child_id}.", 400
        )
    parent: shapes.Parent = {
        "Id": child.parent,
        "Type": "ROOT" if child.parent == organization.root_id else "ORGANIZATIONAL_UNIT",
    }
    listed, rest = page(request, f"parents/{child_id}", [parent], lambda found: found["Id"])
    return {"Parents": listed, **rest}


def list_children(call: Call, request: "shapes.ListChildrenRequest") -> "shapes.ListChildrenResponse":
    """The accounts, or the organizational units, directly below a parent; raises ParentNotFoundException."""
    organization = acting_organization(call)
    parent_id, child_type = request["ParentId"], request["ChildType"]
    find_parent(call, organization, parent_id)
    kind: Kind[Any] = MEMBER if child_type == "ACCOUNT" else ORGANIZATIONAL_UNIT
    children = call.records.referring(kind, organization.management_account, "parent", parent_id)
    listed, rest = page(request, f"children/{parent_id}/{child_type}", children, lambda child: child.id)
    return {"Children": [{"Id": child.id, "Type": child_type} for child in listed], **rest}
