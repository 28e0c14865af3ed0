"""Operations on trusted access: which services may act in all accounts of an organization.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_services.html
"""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.records.organizations import ORGANIZATION
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    page,
    require_all_features,
    whole_milliseconds,
)
from masugata.services.organizations._joining import add_linked_role
from masugata.services.organizations._service_principals import integration
from masugata.services.organizations.policy_types import TRUST_FOR_TYPE

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def enable_aws_service_access(
    call: Call, request: "shapes.EnableAWSServiceAccessRequest"
) -> dict[str, object]:
    """Let a service act in the organization; once more changes nothing.

    The linked role that the service has in the management account appears with it. Raises
    InvalidInputException, UNRECOGNIZED_SERVICE_PRINCIPAL, and ConstraintViolationException,
    ORGANIZATION_NOT_IN_ALL_FEATURES_MODE.
    """
    organization = acting_organization(call)
    service = request["ServicePrincipal"]
    role = integration(service).linked_role
    require_all_features(organization)
    if organization.trusts(service):
        return {}
    trusted = organization.trusted_services | {service: whole_milliseconds(call.now)}
    changed = msgspec.structs.replace(organization, trusted_services=trusted)
    call.transaction.put(ORGANIZATION, organization.management_account, changed)
    if role:
        add_linked_role(
            call.transaction, organization.management_account, role, now=call.now, random=call.random
        )
    return {}


def disable_aws_service_access(
    call: Call, request: "shapes.DisableAWSServiceAccessRequest"
) -> dict[str, object]:
    """Let a service act in the organization no more; one that may not is no error.

    Its linked roles stay, for whoever deletes them. Raises InvalidInputException,
    UNRECOGNIZED_SERVICE_PRINCIPAL, and ConstraintViolationException,
    DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE or POLICY_TYPE_ENABLED_FOR_THIS_SERVICE.
    """
    organization = acting_organization(call)
    service = request["ServicePrincipal"]
    integration(service)
    if organization.delegated_administrators.get(service):
        raise constraint_violation(
            "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
            "You must deregister all delegated administrators of this service before you disable its access.",
        )
    needing = [name for name in organization.policy_types if TRUST_FOR_TYPE.get(name) == service]
    if needing:
        raise constraint_violation(
            "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
            f"You must disable the policy type {needing[0]} before you disable the access of this service.",
        )
    trusted = {name: since for name, since in organization.trusted_services.items() if name != service}
    changed = msgspec.structs.replace(organization, trusted_services=trusted)
    call.transaction.put(ORGANIZATION, organization.management_account, changed)
    return {}


def list_aws_service_access_for_organization(
    call: Call, request: "shapes.ListAWSServiceAccessForOrganizationRequest"
) -> "shapes.ListAWSServiceAccessForOrganizationResponse":
    """The services that may act in the organization, by name, and since when."""
    organization = acting_organization(call)
    services = sorted(organization.trusted_services.items())
    listed, rest = page(request, "trusted-services", services, lambda item: item[0])
    return {
        "EnabledServicePrincipals": [
            {"ServicePrincipal": service, "DateEnabled": since} for service, since in listed
        ],
        **rest,
    }
