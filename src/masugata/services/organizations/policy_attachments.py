"""Operations on what policies are attached to: the root, organizational units and accounts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.organizations import (
    AWS_POLICIES,
    RCP_FULL_AWS_ACCESS,
    SERVICE_CONTROL_POLICY,
    Organization,
    OrganizationPolicy,
    Target,
    attached_policies,
    target_id,
    with_attached,
)
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    invalid_input,
    page,
    page_start,
)
from masugata.services.organizations._targets import (
    BELOW_ROOT,
    put_target,
    target_of,
    target_shape,
    touch_target,
)
from masugata.services.organizations.policies import policy_of, policy_summary
from masugata.services.organizations.policy_types import not_enabled

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def attach_policy(call: Call, request: "shapes.AttachPolicyRequest") -> dict[str, object]:
    """Attach a policy to a root, an organizational unit or an account; it binds the next request.

    Raises PolicyNotFoundException, TargetNotFoundException, PolicyTypeNotEnabledException,
    DuplicatePolicyAttachmentException and ConstraintViolationException.
    """
    organization = acting_organization(call)
    policy = policy_of(call, organization, request["PolicyId"])
    target = target_of(call, organization, request["TargetId"])
    if policy.type not in organization.policy_types:
        raise not_enabled()
    attached = attached_policies(target, policy.type)
    if policy.id in attached:
        raise AwsError(
            "DuplicatePolicyAttachmentException",
            "A policy with the specified name and type already exists on the specified target.",
            400,
        )
    if len(attached) >= limit(call.limits, "organizations.attachments", policy.type):
        raise constraint_violation(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies to the specified target.",
        )
    _attach(call, organization, target, policy, (*attached, policy.id))
    return {}


def detach_policy(call: Call, request: "shapes.DetachPolicyRequest") -> dict[str, object]:
    """Detach a policy, of service control policies not the last one; it binds the next request no more.

    Raises PolicyNotFoundException, TargetNotFoundException, PolicyNotAttachedException,
    InvalidInputException and ConstraintViolationException.
    """
    organization = acting_organization(call)
    policy = policy_of(call, organization, request["PolicyId"])
    target = target_of(call, organization, request["TargetId"])
    if policy.id == RCP_FULL_AWS_ACCESS:
        raise invalid_input("NON_DETACHABLE_POLICY", "You can't detach this AWS Managed Policy.")
    attached = _attached(organization, target, policy.type)
    if policy.id not in attached:
        raise AwsError(
            "PolicyNotAttachedException", "The policy isn't attached to the specified target.", 400
        )
    left = tuple(policy_id for policy_id in attached if policy_id != policy.id)
    if policy.type == SERVICE_CONTROL_POLICY and not left:
        raise constraint_violation(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy attached to the specified target. You must have at least "
            "one attached at all times.",
        )
    _attach(call, organization, target, policy, left)
    return {}


def list_policies_for_target(
    call: Call, request: "shapes.ListPoliciesForTargetRequest"
) -> "shapes.ListPoliciesForTargetResponse":
    """The policies of one type that are attached to a target itself, by id.

    Raises TargetNotFoundException.
    """
    organization = acting_organization(call)
    target = target_of(call, organization, request["TargetId"])
    ids = sorted(_attached(organization, target, request["Filter"]))
    listed, rest = page(request, f"policies {target_id(target)} {request['Filter']}", ids, str)
    found = [policy_of(call, organization, policy_id) for policy_id in listed]
    return {"Policies": [policy_summary(call, organization, policy) for policy in found], **rest}


def list_targets_for_policy(
    call: Call, request: "shapes.ListTargetsForPolicyRequest"
) -> "shapes.ListTargetsForPolicyResponse":
    """Everything that a policy is attached to, by id; raises PolicyNotFoundException."""
    organization = acting_organization(call)
    policy = policy_of(call, organization, request["PolicyId"])
    name = f"targets {policy.id}"
    targets = _targets(call, organization, policy, page_start(request, name))
    listed, rest = page(request, name, targets, target_id)
    return {"Targets": [target_shape(call, organization, target) for target in listed], **rest}


def _attached(organization: Organization, target: Target, policy_type: str) -> tuple[str, ...]:
    """What is attached to a target: nothing while the type is disabled."""
    return attached_policies(target, policy_type) if policy_type in organization.policy_types else ()


def _attach(
    call: Call, organization: Organization, target: Target, policy: OrganizationPolicy, ids: tuple[str, ...]
) -> None:
    put_target(call, organization, replace(target, policies=with_attached(target, policy.type, ids)))
    call.touches("AWS::Organizations::Policy", policy.id)
    touch_target(call, target)


def _targets(
    call: Call, organization: Organization, policy: OrganizationPolicy, after: str | None
) -> Iterator[Target]:
    """The targets of a policy by id, those behind `after` at least.

    AWS's are looked for everywhere, as they are where nothing is noted.
    """
    management = organization.management_account
    everywhere = policy.id in AWS_POLICIES
    for kind in BELOW_ROOT:
        candidates: Iterator[Target] = iter(
            call.records.scan(kind, management, after=after)
            if everywhere
            else call.records.referring(kind, management, "policy", policy.id)
        )
        for target in candidates:
            if policy.id in _attached(organization, target, policy.type):
                yield target
    if policy.id in _attached(organization, organization, policy.type):
        yield organization
