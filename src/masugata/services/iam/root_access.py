"""Operations on centralized root access: what an organization lets be done as root in its member accounts.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-enable-root-access.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import ROOT_ACCESS, RootAccess
from masugata.records.iam.root_access import (
    IAM_PRINCIPAL,
    ROOT_CREDENTIALS_MANAGEMENT,
    ROOT_SESSIONS,
    root_features,
)
from masugata.records.organizations import Organization, organization_of

if TYPE_CHECKING:
    from masugata_types import iam as shapes

Request = Mapping[str, object]  # with no members


def enable_organizations_root_credentials_management(
    call: Call, _request: Request
) -> "shapes.EnableOrganizationsRootCredentialsManagementResponse":
    """Let the management account and IAM's delegated administrator manage root credentials of members."""
    return _enable(call, ROOT_CREDENTIALS_MANAGEMENT)


def disable_organizations_root_credentials_management(
    call: Call, _request: Request
) -> "shapes.DisableOrganizationsRootCredentialsManagementResponse":
    """Let nobody manage root credentials of member accounts from outside."""
    return _disable(call, ROOT_CREDENTIALS_MANAGEMENT)


def enable_organizations_root_sessions(
    call: Call, _request: Request
) -> "shapes.EnableOrganizationsRootSessionsResponse":
    """Let the management account and IAM's delegated administrator do privileged tasks in members."""
    return _enable(call, ROOT_SESSIONS)


def disable_organizations_root_sessions(
    call: Call, _request: Request
) -> "shapes.DisableOrganizationsRootSessionsResponse":
    """Let nobody do privileged tasks in member accounts from outside."""
    return _disable(call, ROOT_SESSIONS)


def list_organizations_features(call: Call, _request: Request) -> "shapes.ListOrganizationsFeaturesResponse":
    """Which features of centralized root access the organization has enabled."""
    organization = _organization(call)
    return _answer(organization, root_features(call.records, organization))


def _enable(call: Call, feature: str) -> "shapes.ListOrganizationsFeaturesResponse":
    """Only the management account enables, and once more changes nothing."""
    organization = _organization(call)
    if call.account != organization.management_account:
        raise AwsError(
            "CallerIsNotManagementAccountException",
            f"The account {call.account} is not the management account of the organization"
            f" {organization.id}.",
        )
    return _put(call, organization, {*root_features(call.records, organization), feature})


def _disable(call: Call, feature: str) -> "shapes.ListOrganizationsFeaturesResponse":
    organization = _organization(call)
    return _put(call, organization, {*root_features(call.records, organization)} - {feature})


def _put(
    call: Call, organization: Organization, features: set[str]
) -> "shapes.ListOrganizationsFeaturesResponse":
    enabled = tuple(sorted(features))
    record = RootAccess(organization_id=organization.id, features=enabled)
    call.transaction.put(ROOT_ACCESS, organization.management_account, record)
    return _answer(organization, enabled)


def _answer(
    organization: Organization, features: tuple[str, ...]
) -> "shapes.ListOrganizationsFeaturesResponse":
    return {"OrganizationId": organization.id, "EnabledFeatures": [*features]}


def _organization(call: Call) -> Organization:
    """The caller's organization, which it must be allowed to act for; raises the errors that AWS has."""
    organization = organization_of(call.records, call.account)
    if organization is None:
        raise AwsError("OrganizationNotFoundException", f"The account {call.account} is in no organization.")
    if call.account != organization.management_account and not organization.delegates(
        IAM_PRINCIPAL, call.account
    ):
        raise AwsError(
            "AccountNotManagementOrDelegatedAdministratorException",
            f"The account {call.account} is neither the management account of the organization"
            f" {organization.id} nor its delegated administrator for IAM.",
        )
    if not organization.all_features:
        raise AwsError(
            "OrganizationNotInAllFeaturesModeException",
            f"The organization {organization.id} does not have all features enabled.",
        )
    if not organization.trusts(IAM_PRINCIPAL):
        raise AwsError(
            "ServiceAccessNotEnabledException",
            f"Trusted access for IAM is not enabled in the organization {organization.id}.",
        )
    return organization
