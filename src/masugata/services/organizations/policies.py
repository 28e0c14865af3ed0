"""Operations on policies of organizations, of every type; AWS's own cannot be changed."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.organizations import (
    AWS_POLICIES,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    Organization,
    OrganizationPolicy,
    find_policy,
    policy_arn,
)
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    invalid_input,
    new_id,
    page,
)
from masugata.services.organizations._content import checked_content
from masugata.services.organizations._tag_policies import created_tags
from masugata.services.organizations._targets import BELOW_ROOT

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def create_policy(call: Call, request: "shapes.CreatePolicyRequest") -> "shapes.CreatePolicyResponse":
    """Make a policy, whether its type is enabled or not; it binds nobody until it is attached.

    Raises PolicyTypeNotAvailableForOrganizationException, MalformedPolicyDocumentException,
    DuplicatePolicyException and ConstraintViolationException.
    """
    organization = acting_organization(call)
    policy_type = request["Type"]
    check_available(organization)
    tags = created_tags(call, organization, "organizations:policy", request.get("Tags"))
    content = checked_content(call, policy_type, request["Content"])
    _check_name(call, organization, policy_type, request["Name"])
    management = organization.management_account
    existing = call.records.referring(ORGANIZATION_POLICY, management, "type", policy_type)
    if len(existing) >= limit(call.limits, "organizations.policies", policy_type):
        raise constraint_violation(
            "POLICY_NUMBER_LIMIT_EXCEEDED",
            "You have exceeded the number of policies of this type that your organization can have.",
        )
    policy = OrganizationPolicy(
        id=new_id(call, "p", 10),
        organization=organization.id,
        name=request["Name"],
        type=policy_type,
        description=request["Description"],
        content=content,
        tags=tags,
    )
    call.transaction.put(ORGANIZATION_POLICY, management, policy)
    call.touches("AWS::Organizations::Policy", policy.id)
    return {"Policy": _policy_shape(call, organization, policy)}


def update_policy(call: Call, request: "shapes.UpdatePolicyRequest") -> "shapes.UpdatePolicyResponse":
    """Change a policy's name, description or content, which binds the next request wherever it is attached.

    Raises PolicyNotFoundException, InvalidInputException, MalformedPolicyDocumentException,
    DuplicatePolicyException and ConstraintViolationException.
    """
    organization = acting_organization(call)
    policy = changeable_policy(call, organization, request["PolicyId"])
    name = request.get("Name", policy.name)
    if name != policy.name:
        _check_name(call, organization, policy.type, name)
    content = policy.content
    if "Content" in request:
        content = checked_content(call, policy.type, request["Content"])
    description = request.get("Description", policy.description)
    policy = replace(policy, name=name, description=description, content=content)
    call.transaction.put(ORGANIZATION_POLICY, organization.management_account, policy)
    call.touches("AWS::Organizations::Policy", policy.id)
    return {"Policy": _policy_shape(call, organization, policy)}


def delete_policy(call: Call, request: "shapes.DeletePolicyRequest") -> dict[str, object]:
    """Delete a policy that is attached nowhere; raises PolicyInUseException."""
    organization = acting_organization(call)
    policy = changeable_policy(call, organization, request["PolicyId"])
    management = organization.management_account
    if any(
        call.records.referring(kind, management, "policy", policy.id) for kind in (ORGANIZATION, *BELOW_ROOT)
    ):
        raise AwsError(
            "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and "
            "accounts before performing this operation.",
            400,
        )
    call.transaction.delete(ORGANIZATION_POLICY, management, policy.id)
    call.touches("AWS::Organizations::Policy", policy.id)
    return {}


def describe_policy(call: Call, request: "shapes.DescribePolicyRequest") -> "shapes.DescribePolicyResponse":
    """One policy with its content; raises PolicyNotFoundException."""
    organization = acting_organization(call)
    return {"Policy": _policy_shape(call, organization, policy_of(call, organization, request["PolicyId"]))}


def list_policies(call: Call, request: "shapes.ListPoliciesRequest") -> "shapes.ListPoliciesResponse":
    """The policies of one type by id, AWS's included."""
    organization = acting_organization(call)
    policy_type, management = request["Filter"], organization.management_account
    found = [policy for policy in AWS_POLICIES.values() if policy.type == policy_type]
    found += call.records.referring(ORGANIZATION_POLICY, management, "type", policy_type)
    found.sort(key=_id)
    listed, rest = page(request, f"policies {policy_type}", found, _id)
    return {"Policies": [policy_summary(call, organization, policy) for policy in listed], **rest}


def policy_of(call: Call, organization: Organization, policy_id: str) -> OrganizationPolicy:
    """The policy with this id, AWS's included; raises PolicyNotFoundException."""
    policy = find_policy(call.records, organization, policy_id)
    if policy is None:
        raise AwsError(
            "PolicyNotFoundException", f"You specified a policy that doesn't exist: {policy_id}.", 400
        )
    return policy


def changeable_policy(call: Call, organization: Organization, policy_id: str) -> OrganizationPolicy:
    """A policy that is not AWS's.

    Raises PolicyNotFoundException, and InvalidInputException, IMMUTABLE_POLICY.
    """
    policy = policy_of(call, organization, policy_id)
    if policy.id in AWS_POLICIES:
        raise invalid_input(
            "IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified."
        )
    return policy


def policy_summary(
    call: Call, organization: Organization, policy: OrganizationPolicy
) -> "shapes.PolicySummary":
    """A policy as it is listed."""
    return {
        "Id": policy.id,
        "Arn": policy_arn(organization, policy, call.partition),
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.type,
        "AwsManaged": policy.id in AWS_POLICIES,
    }


def check_available(organization: Organization) -> None:
    """No type of policies is for consolidated billing only.

    Raises PolicyTypeNotAvailableForOrganizationException.
    """
    if not organization.all_features:
        raise AwsError(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled for this "
            "organization.",
            400,
        )


def _check_name(call: Call, organization: Organization, policy_type: str, name: str) -> None:
    """No two policies of a type have one name, AWS's included.

    Raises DuplicatePolicyException, and InvalidInputException for what no database stores.
    """
    if "\0" in name:
        raise invalid_input("INVALID_PATTERN", "A policy's name can't hold a zero character.")
    taken = any(policy.type == policy_type and policy.name == name for policy in AWS_POLICIES.values())
    label = f"{organization.id}/{policy_type}/{name}"
    if taken or call.records.by_name(ORGANIZATION_POLICY, "name", label) is not None:
        raise AwsError(
            "DuplicatePolicyException", "A policy with the specified name and type already exists.", 400
        )


def _policy_shape(call: Call, organization: Organization, policy: OrganizationPolicy) -> "shapes.Policy":
    return {"PolicySummary": policy_summary(call, organization, policy), "Content": policy.content}


def _id(policy: OrganizationPolicy) -> str:
    return policy.id
