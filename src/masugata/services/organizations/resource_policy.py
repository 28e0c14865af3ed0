"""Operations on the resource-based policy of an organization, by which it delegates to members.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.organizations import ORGANIZATION, Organization, ResourcePolicy
from masugata.services.organizations._common import (
    acting_organization,
    arn,
    constraint_violation,
    invalid_input,
    new_id,
    require_all_features,
)
from masugata.services.organizations._delegation_policies import (
    shown_resource_policy,
    stored_resource_policy,
)
from masugata.services.organizations._tagging import read_tags

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def put_resource_policy(
    call: Call, request: "shapes.PutResourcePolicyRequest"
) -> "shapes.PutResourcePolicyResponse":
    """Make the organization's resource-based policy, or another one in its place.

    Only a new one can have tags. Raises what `stored_resource_policy` and `read_tags` raise, and
    ConstraintViolationException with POLICY_CONTENT_LIMIT_EXCEEDED or ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
    """
    organization = acting_organization(call)
    require_all_features(organization)
    present = organization.resource_policy
    if present is not None and request.get("Tags"):
        raise invalid_input(
            "TARGET_NOT_SUPPORTED",
            "You can specify tags only when you create the resource policy. Use TagResource to change them.",
        )
    most = limit(call.limits, "organizations.resource-policy-size")
    if len(request["Content"]) > most:
        raise constraint_violation(
            "POLICY_CONTENT_LIMIT_EXCEEDED", f"A resource policy can't be longer than {most} characters."
        )
    policy = ResourcePolicy(
        id=new_id(call, "rp", 8) if present is None else present.id,
        content=stored_resource_policy(call, organization, request["Content"]),
        tags=read_tags(call, request.get("Tags")) if present is None else present.tags,
    )
    _put(call, organization, policy)
    return {"ResourcePolicy": _shape(call, organization, policy)}


def describe_resource_policy(call: Call, request: object) -> "shapes.DescribeResourcePolicyResponse":
    """The organization's resource-based policy; raises ResourcePolicyNotFoundException."""
    del request
    organization = acting_organization(call)
    return {"ResourcePolicy": _shape(call, organization, _present(organization))}


def delete_resource_policy(call: Call, request: object) -> dict[str, object]:
    """Delete the organization's resource-based policy; raises ResourcePolicyNotFoundException."""
    del request
    organization = acting_organization(call)
    _present(organization)
    _put(call, organization, None)
    return {}


def _present(organization: Organization) -> ResourcePolicy:
    if organization.resource_policy is None:
        raise AwsError(
            "ResourcePolicyNotFoundException", "The organization doesn't have a resource policy.", 400
        )
    return organization.resource_policy


def _put(call: Call, organization: Organization, policy: ResourcePolicy | None) -> None:
    changed = msgspec.structs.replace(organization, resource_policy=policy)
    call.transaction.put(ORGANIZATION, organization.management_account, changed)
    named = policy or organization.resource_policy
    if named is not None:
        call.touches("AWS::Organizations::ResourcePolicy", named.id)


def _shape(call: Call, organization: Organization, policy: ResourcePolicy) -> "shapes.ResourcePolicy":
    return {
        "ResourcePolicySummary": {
            "Id": policy.id,
            "Arn": arn(call, organization, "resourcepolicy", policy.id),
        },
        "Content": shown_resource_policy(call, policy.content),
    }
