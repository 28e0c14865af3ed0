"""The end of an organization."""

from collections.abc import Iterator
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
    Organization,
    ResponsibilityTransfer,
)
from masugata.services.organizations._common import acting_organization, constraint_violation
from masugata.services.organizations._departing import depart

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
    if any(_is_active(call, transfer) for transfer in _transfers(call, organization)):
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


def _transfers(call: Call, organization: Organization) -> Iterator[ResponsibilityTransfer]:
    """The transfers from and to an organization; each is kept where it was asked for."""
    for account, region in call.records.partitions(RESPONSIBILITY_TRANSFER):
        for label in ("source", "target"):
            yield from call.records.referring(
                RESPONSIBILITY_TRANSFER, account, label, organization.management_account, region
            )


def _is_active(call: Call, transfer: ResponsibilityTransfer) -> bool:
    """Whether a transfer binds somebody, or waits for an answer."""
    found = call.records.by_name(HANDSHAKE, "id", transfer.handshake)
    waits = transfer.status == "REQUESTED" and found is not None and found[2].is_open(call.now)
    return waits or transfer.binds_at(call.now)
