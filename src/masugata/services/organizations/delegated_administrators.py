"""Operations on delegated administrators: member accounts that act for the organization in one service.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_integrate_delegated_admin.html
"""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.organizations import ORGANIZATION, Organization
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    find_member,
    page,
    require_all_features,
    whole_milliseconds,
)
from masugata.services.organizations._service_principals import delegating
from masugata.services.organizations.accounts import account_shape

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def register_delegated_administrator(
    call: Call, request: "shapes.RegisterDelegatedAdministratorRequest"
) -> dict[str, object]:
    """Let a member account act for the organization in a service, and read what is in the organization.

    Raises AccountNotFoundException, AccountAlreadyRegisteredException, InvalidInputException,
    UNRECOGNIZED_SERVICE_PRINCIPAL, and ConstraintViolationException with
    ORGANIZATION_NOT_IN_ALL_FEATURES_MODE, CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR,
    CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR, SERVICE_ACCESS_NOT_ENABLED, or one of
    the two reasons for too many.
    """
    organization = acting_organization(call)
    account_id, service = request["AccountId"], request["ServicePrincipal"]
    delegating(service)
    require_all_features(organization)
    _, account = find_member(call, organization, account_id)
    if account_id == organization.management_account:
        raise constraint_violation(
            "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register master account/yourself as delegated administrator for your organization.",
        )
    if account.state != "ACTIVE":
        raise constraint_violation(
            "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
            "You cannot register a suspended account as a delegated administrator.",
        )
    if not organization.trusts(service):
        raise constraint_violation(
            "SERVICE_ACCESS_NOT_ENABLED",
            "You must enable service access before you delegate an administrator for this service. Call the "
            "AWS API EnableAWSServiceAccess first.",
        )
    if organization.delegates(service, account_id):
        raise AwsError(
            "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.",
            400,
        )
    _refuse_too_many(call, organization, service)
    present = organization.delegated_administrators.get(service, {})
    _put(call, organization, service, present | {account_id: whole_milliseconds(call.now)})
    return {}


def deregister_delegated_administrator(
    call: Call, request: "shapes.DeregisterDelegatedAdministratorRequest"
) -> dict[str, object]:
    """Let a member account act for the organization in a service no more.

    Raises AccountNotFoundException, AccountNotRegisteredException and InvalidInputException,
    UNRECOGNIZED_SERVICE_PRINCIPAL.
    """
    organization = acting_organization(call)
    account_id, service = request["AccountId"], request["ServicePrincipal"]
    delegating(service)
    find_member(call, organization, account_id)
    present = organization.delegated_administrators.get(service, {})
    if account_id not in present:
        raise _not_registered()
    _put(call, organization, service, {id_: since for id_, since in present.items() if id_ != account_id})
    return {}


def list_delegated_administrators(
    call: Call, request: "shapes.ListDelegatedAdministratorsRequest"
) -> "shapes.ListDelegatedAdministratorsResponse":
    """The delegated administrators, of one service if it is named, by account and since when they are."""
    organization = acting_organization(call)
    service = request.get("ServicePrincipal")
    if service is not None:
        delegating(service)
    since: dict[str, datetime] = {}
    for name, accounts in organization.delegated_administrators.items():
        for account_id, date in accounts.items():
            if service in {None, name}:
                since[account_id] = min(date, since.get(account_id, date))
    listed, rest = page(request, f"administrators/{service}", sorted(since), str)
    return {
        "DelegatedAdministrators": [_shape(call, organization, id_, since[id_]) for id_ in listed],
        **rest,
    }


def list_delegated_services_for_account(
    call: Call, request: "shapes.ListDelegatedServicesForAccountRequest"
) -> "shapes.ListDelegatedServicesForAccountResponse":
    """The services in which a member account acts for the organization, by name.

    Raises AccountNotFoundException, and AccountNotRegisteredException if there is none.
    """
    organization = acting_organization(call)
    account_id = request["AccountId"]
    find_member(call, organization, account_id)
    services = sorted(
        (service, accounts[account_id])
        for service, accounts in organization.delegated_administrators.items()
        if account_id in accounts
    )
    if not services:
        raise _not_registered()
    listed, rest = page(request, f"services/{account_id}", services, lambda item: item[0])
    return {
        "DelegatedServices": [
            {"ServicePrincipal": service, "DelegationEnabledDate": since} for service, since in listed
        ],
        **rest,
    }


def _shape(
    call: Call, organization: Organization, account_id: str, since: datetime
) -> "shapes.DelegatedAdministrator":
    member, account = find_member(call, organization, account_id)
    shape = account_shape(call, organization, member, account)
    return {
        "Id": shape["Id"],
        "Arn": shape["Arn"],
        "Email": shape["Email"],
        "Name": shape["Name"],
        "Status": shape["Status"],
        "State": shape["State"],
        "JoinedMethod": shape["JoinedMethod"],
        "JoinedTimestamp": shape["JoinedTimestamp"],
        "DelegationEnabledDate": since,
    }


def _put(call: Call, organization: Organization, service: str, accounts: dict[str, datetime]) -> None:
    every = organization.delegated_administrators | {service: accounts}
    kept = {name: those for name, those in every.items() if those}
    changed = msgspec.structs.replace(organization, delegated_administrators=kept)
    call.transaction.put(ORGANIZATION, organization.management_account, changed)


def _refuse_too_many(call: Call, organization: Organization, service: str) -> None:
    most = limit(call.limits, "organizations.delegated-administrators-per-service", service)
    if len(organization.delegated_administrators.get(service, ())) < most:
        return
    if most == 1:
        raise constraint_violation(
            "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
            "The service already has a delegated administrator. Deregister it first.",
        )
    raise constraint_violation(
        "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
        f"You can't register more than {most} delegated administrators for this service.",
    )


def _not_registered() -> AwsError:
    return AwsError(
        "AccountNotRegisteredException",
        "The provided account is not a registered delegated administrator for your organization.",
        400,
    )
