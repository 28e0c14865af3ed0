"""Whom service control policies and resource control policies do not bind.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from typing import Final

from masugata.engines.policy.arns import Target
from masugata.engines.policy.decision import Policies, Request
from masugata.engines.policy.sets import PolicySet
from masugata.engines.policy.types import PolicyType

# https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
_NO_RCP: Final = "kms:retiregrant"
_SERVICE_LINKED: Final = "role/aws-service-role/"


def owner(request: Request, target: Target) -> str:
    """The account of the resource, empty if nobody knows; the caller's where there is no resource."""
    account = request.resource_account or target.account
    if account == "aws" or (not account and request.resource == "*"):
        return request.principal.account
    return account


def binding_scps(policies: Policies, request: Request) -> tuple[PolicySet, ...]:
    """SCPs bind who belongs to a member account, its root user included."""
    principal, management = request.principal, policies.management_account
    if principal.external or principal.service_linked:
        return ()
    return () if management and principal.account == management else policies.scp


def binding_rcps(policies: Policies, request: Request, target: Target) -> tuple[PolicySet, ...]:
    """RCPs bind whoever asks for a resource of a member account, anonymous callers included."""
    if not policies.rcp or not request.rcp_supported:
        return ()
    principal, management = request.principal, policies.management_account
    if principal.service_linked or request.action.lower() == _NO_RCP:
        return ()
    assumed = principal.kind == "service" and policies.kind_of_resource_policy is PolicyType.TRUST
    if assumed and target.resource.startswith(_SERVICE_LINKED):
        return ()
    return () if management and owner(request, target) == management else policies.rcp
