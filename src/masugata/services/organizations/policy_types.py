"""Operations that enable and disable types of policies in the root."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.organizations import ORGANIZATION, Organization
from masugata.services.organizations._common import acting_organization, constraint_violation
from masugata.services.organizations._targets import BELOW_ROOT, put_target
from masugata.services.organizations.policies import check_available
from masugata.services.organizations.roots import root_shape

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

TRUST_FOR_TYPE: Final[Mapping[str, str]] = {
    "INSPECTOR_POLICY": "inspector2.amazonaws.com",
    "SECURITYHUB_POLICY": "securityhub.amazonaws.com",
}
"""Which service must have trusted access before a type of policies is enabled, and as long as it is."""


def enable_policy_type(
    call: Call, request: "shapes.EnablePolicyTypeRequest"
) -> "shapes.EnablePolicyTypeResponse":
    """Enable a type; what AWS attaches by itself is attached everywhere then, and nothing else.

    Raises RootNotFoundException, PolicyTypeNotAvailableForOrganizationException,
    PolicyTypeAlreadyEnabledException and, where a service must be trusted before,
    ConstraintViolationException, SERVICE_ACCESS_NOT_ENABLED.
    """
    organization = _organization_of_root(call, request["RootId"])
    policy_type = request["PolicyType"]
    check_available(organization)
    if policy_type in organization.policy_types:
        raise AwsError(
            "PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.", 400
        )
    service = TRUST_FOR_TYPE.get(policy_type)
    if service is not None and not organization.trusts(service):
        raise constraint_violation(
            "SERVICE_ACCESS_NOT_ENABLED",
            f"You attempted to enable a policy type before you enabled service access for {service}. Call "
            "the EnableAWSServiceAccess API first.",
        )
    return _enabled(call, organization, (*organization.policy_types, policy_type))


def disable_policy_type(
    call: Call, request: "shapes.DisablePolicyTypeRequest"
) -> "shapes.DisablePolicyTypeResponse":
    """Disable a type, which detaches its policies everywhere; they themselves stay.

    Raises RootNotFoundException and PolicyTypeNotEnabledException.
    """
    organization = _organization_of_root(call, request["RootId"])
    policy_type = request["PolicyType"]
    if policy_type not in organization.policy_types:
        raise not_enabled()
    management = organization.management_account
    for kind in BELOW_ROOT:
        for target in call.transaction.scan(kind, management):
            if policy_type in target.policies:
                put_target(
                    call, organization, replace(target, policies=_without(target.policies, policy_type))
                )
    organization = replace(organization, policies=_without(organization.policies, policy_type))
    left = tuple(name for name in organization.policy_types if name != policy_type)
    return _enabled(call, organization, left)


def not_enabled() -> AwsError:
    """AWS's answer where a type is not enabled."""
    return AwsError(
        "PolicyTypeNotEnabledException",
        "This operation can be performed only for enabled policy types.",
        400,
    )


def _organization_of_root(call: Call, root_id: str) -> Organization:
    organization = acting_organization(call)
    if root_id != organization.root_id:
        raise AwsError("RootNotFoundException", "You specified a root that doesn't exist.", 400)
    return organization


def _enabled(
    call: Call, organization: Organization, policy_types: tuple[str, ...]
) -> "shapes.EnablePolicyTypeResponse":
    organization = replace(organization, policy_types=policy_types)
    call.transaction.put(ORGANIZATION, organization.management_account, organization)
    call.touches("AWS::Organizations::Root", organization.root_id)
    return {"Root": root_shape(call, organization)}


def _without(policies: dict[str, tuple[str, ...]], policy_type: str) -> dict[str, tuple[str, ...]]:
    return {name: ids for name, ids in policies.items() if name != policy_type}
