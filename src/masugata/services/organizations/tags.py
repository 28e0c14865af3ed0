"""Operations on the tags of everything in an organization."""

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import Tag
from masugata.records.kind import Kind
from masugata.records.organizations import (
    AWS_POLICIES,
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    RESPONSIBILITY_TRANSFER,
    Member,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
    ResourcePolicy,
    ResponsibilityTransfer,
    find_target,
)
from masugata.services.organizations._common import acting_organization, invalid_input, page
from masugata.services.organizations._tag_policies import check_tag_policy
from masugata.services.organizations._tagging import merge_tags, tag_shapes, without_tags

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_Taggable: TypeAlias = (
    Organization | OrganizationalUnit | Member | OrganizationPolicy | ResponsibilityTransfer | ResourcePolicy
)
_KINDS: dict[type[Any], tuple[Kind[Any], str]] = {
    Organization: (ORGANIZATION, "Root"),
    OrganizationalUnit: (ORGANIZATIONAL_UNIT, "OrganizationalUnit"),
    Member: (MEMBER, "Account"),
    OrganizationPolicy: (ORGANIZATION_POLICY, "Policy"),
    ResponsibilityTransfer: (RESPONSIBILITY_TRANSFER, "ResponsibilityTransfer"),
}

_ENFORCED: dict[type[Any], str] = {
    Organization: "organizations:root",
    OrganizationalUnit: "organizations:ou",
    Member: "organizations:account",
    OrganizationPolicy: "organizations:policy",
}
"""What a tag policy can be enforced for."""


def tag_resource(call: Call, request: "shapes.TagResourceRequest") -> dict[str, object]:
    """Add tags to something of the organization, or change their values.

    Raises TargetNotFoundException, InvalidInputException and ConstraintViolationException.
    """
    organization = acting_organization(call)
    tagged = _find(call, organization, request["ResourceId"])
    tags = merge_tags(call, tagged.tags, request["Tags"])
    resource_type = _ENFORCED.get(type(tagged))
    if resource_type is not None:
        given = {tag["Key"] for tag in request["Tags"]}
        check_tag_policy(call, organization, resource_type, (tag for tag in tags if tag.key in given))
    _put(call, organization, request["ResourceId"], tagged, tags)
    return {}


def untag_resource(call: Call, request: "shapes.UntagResourceRequest") -> dict[str, object]:
    """Remove tags from something of the organization, as far as it has them; raises as `tag_resource`."""
    organization = acting_organization(call)
    tagged = _find(call, organization, request["ResourceId"])
    _put(call, organization, request["ResourceId"], tagged, without_tags(tagged.tags, request["TagKeys"]))
    return {}


def list_tags_for_resource(
    call: Call, request: "shapes.ListTagsForResourceRequest"
) -> "shapes.ListTagsForResourceResponse":
    """The tags of something of the organization, by key; raises TargetNotFoundException."""
    organization = acting_organization(call)
    tagged = _find(call, organization, request["ResourceId"])
    tags = sorted(tagged.tags, key=lambda tag: tag.key)
    listed, rest = page(request, f"tags/{request['ResourceId']}", tags, lambda tag: tag.key)
    return {"Tags": tag_shapes(listed), **rest}


def _find(call: Call, organization: Organization, id_: str) -> _Taggable:
    if id_ in AWS_POLICIES:
        raise invalid_input("TARGET_NOT_SUPPORTED", "You can't tag a policy that AWS manages.")
    found: _Taggable | None
    match id_.partition("-")[0]:
        case "rp":
            policy = organization.resource_policy
            found = policy if policy is not None and policy.id == id_ else None
        case "p":
            found = call.records.get(ORGANIZATION_POLICY, organization.management_account, id_)
        case "rt":
            # Its tags are those of the organization that asked for it, which keeps its record.
            found = call.records.get(RESPONSIBILITY_TRANSFER, organization.management_account, id_)
        case _:
            found = find_target(call.records, organization, id_)
    if found is None:
        raise AwsError("TargetNotFoundException", f"You specified a target that doesn't exist: {id_}.", 400)
    return found


def _put(call: Call, organization: Organization, id_: str, tagged: _Taggable, tags: tuple[Tag, ...]) -> None:
    changed = msgspec.structs.replace(tagged, tags=tags)
    if isinstance(changed, ResourcePolicy):  # part of the organization's own record
        name, holder = "ResourcePolicy", msgspec.structs.replace(organization, resource_policy=changed)
        call.transaction.put(ORGANIZATION, organization.management_account, holder)
    else:
        kind, name = _KINDS[type(changed)]
        call.transaction.put(kind, organization.management_account, changed)
    call.touches(f"AWS::Organizations::{name}", id_)
