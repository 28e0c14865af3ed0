"""Operations on the root, of which an organization has one."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.records.organizations import Organization
from masugata.services.organizations._common import acting_organization, arn, page

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def list_roots(call: Call, request: "shapes.ListRootsRequest") -> "shapes.ListRootsResponse":
    """The root of the organization, with the policy types that are enabled in it."""
    organization = acting_organization(call)
    listed, rest = page(request, "roots", [organization], lambda found: found.root_id)
    return {"Roots": [root_shape(call, found) for found in listed], **rest}


def root_shape(call: Call, organization: Organization) -> "shapes.Root":
    """The root as it is answered."""
    return {
        "Id": organization.root_id,
        "Arn": arn(call, organization, "root", organization.root_id),
        "Name": "Root",
        "PolicyTypes": [{"Type": name, "Status": "ENABLED"} for name in organization.policy_types],
    }
