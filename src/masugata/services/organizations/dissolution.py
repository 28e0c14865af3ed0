"""The end of an organization."""

from typing import Any

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.iam import ROOT_ACCESS
from masugata.records.kind import Kind
from masugata.records.organizations import (
    CREATE_ACCOUNT_REQUEST,
    HANDSHAKE,
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    RESPONSIBILITY_TRANSFER,
)
from masugata.services.organizations._common import acting_organization, constraint_violation
from masugata.services.organizations._departing import depart
from masugata.services.organizations._transfers import in_transfer_process

_OF_ORGANIZATION: tuple[Kind[Any], ...] = (
    CREATE_ACCOUNT_REQUEST,
    HANDSHAKE,
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    ORGANIZATION_POLICY,
    RESPONSIBILITY_TRANSFER,
    ROOT_ACCESS,
)
"""What goes with an organization: all else that is kept in its management account about it."""


def delete_organization(call: Call, request: object) -> dict[str, object]:
    """Delete the organization of the caller's account with everything in it; its account stays.

    Raises OrganizationNotEmptyException while an account other than the management account is in it, is
    closed and not gone yet, or is being created, and ConstraintViolationException,
    ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS.
    """
    del request
    organization = acting_organization(call)
    account = organization.management_account
    creating = call.records.referring(CREATE_ACCOUNT_REQUEST, account, "state", "IN_PROGRESS")
    if creating or any(member.id != account for member in call.records.scan(MEMBER, account)):
        raise AwsError(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the master).",
            400,
        )
    if in_transfer_process(call.records, organization, call.now):
        raise constraint_violation(
            "ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS",
            "You can't delete the organization while a responsibility transfer is pending or in progress.",
        )
    for member in [*call.records.scan(MEMBER, account)]:
        depart(call.transaction, organization, member, "LEFT", now=call.now, random=call.random)
    for kind in _OF_ORGANIZATION:
        for record in [*call.records.scan(kind, account)]:
            call.transaction.delete(kind, account, kind.key(record))
    call.touches("AWS::Organizations::Organization", organization.id)
    return {}
