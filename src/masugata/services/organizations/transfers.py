"""Operations on responsibility transfers, for the management accounts on both sides.

Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing.html
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.organizations import RESPONSIBILITY_TRANSFER, ResponsibilityTransfer
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    not_permitted,
    page,
)
from masugata.services.organizations._transfer_dates import check_end, end_of_month
from masugata.services.organizations._transfers import (
    announce,
    find_transfer,
    inbound,
    outbound,
    status_at,
    transfer_shape,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from masugata_types import organizations as shapes


def describe_responsibility_transfer(
    call: Call, request: "shapes.DescribeResponsibilityTransferRequest"
) -> "shapes.DescribeResponsibilityTransferResponse":
    """One transfer; raises ResponsibilityTransferNotFoundException."""
    organization = acting_organization(call)
    transfer, status = find_transfer(call, request["Id"])
    return {"ResponsibilityTransfer": transfer_shape(call, organization, transfer, status)}


def list_inbound_responsibility_transfers(
    call: Call, request: "shapes.ListInboundResponsibilityTransfersRequest"
) -> "shapes.ListInboundResponsibilityTransfersResponse":
    """The transfers, invitations too, by which the caller's account manages for others; one with an `Id`.

    Raises ResponsibilityTransferNotFoundException.
    """
    transfers: Iterable[ResponsibilityTransfer] = inbound(call.records, call.account)
    if "Id" in request:
        acting_organization(call)
        transfer, _ = find_transfer(call, request["Id"])
        transfers = [transfer] if transfer.target == call.account else []
    return _listed(call, request, "inbound-transfers", transfers)


def list_outbound_responsibility_transfers(
    call: Call, request: "shapes.ListOutboundResponsibilityTransfersRequest"
) -> "shapes.ListOutboundResponsibilityTransfersResponse":
    """The transfers, invitations too, by which others manage for the caller's organization."""
    return _listed(call, request, "outbound-transfers", outbound(call.records, call.account))


def update_responsibility_transfer(
    call: Call, request: "shapes.UpdateResponsibilityTransferRequest"
) -> "shapes.UpdateResponsibilityTransferResponse":
    """Give an inbound transfer another name.

    Raises ResponsibilityTransferNotFoundException, AccessDeniedException to the other side, which is not
    told the name, and ConstraintViolationException once it is over.
    """
    organization = acting_organization(call)
    transfer, status = find_transfer(call, request["Id"])
    if transfer.target != call.account:
        raise not_permitted()
    if status not in {"REQUESTED", "ACCEPTED"}:
        raise constraint_violation(
            "TRANSFER_RESPONSIBILITY_UPDATE_NOT_ALLOWED",
            "You cannot update this transfer because it is no longer active. Transfers that have been "
            "withdrawn, declined, expired, or cancelled cannot be modified.",
        )
    renamed = msgspec.structs.replace(transfer, name=request["Name"])
    call.transaction.put(RESPONSIBILITY_TRANSFER, transfer.target, renamed)
    return {"ResponsibilityTransfer": transfer_shape(call, organization, renamed, status)}


def terminate_responsibility_transfer(
    call: Call, request: "shapes.TerminateResponsibilityTransferRequest"
) -> "shapes.TerminateResponsibilityTransferResponse":
    """Withdraw from a transfer, as either side; it goes on until a month's end, at first this one's.

    Raises ResponsibilityTransferNotFoundException, ResponsibilityTransferAlreadyInStatusException,
    InvalidResponsibilityTransferTransitionException, InvalidInputException.
    """
    organization = acting_organization(call)
    transfer, status = find_transfer(call, request["Id"])
    if status == "WITHDRAWN":
        raise AwsError(
            "ResponsibilityTransferAlreadyInStatusException",
            "The responsibility transfer is already in the status that you specified: WITHDRAWN.",
            400,
        )
    if status != "ACCEPTED":
        raise AwsError(
            "InvalidResponsibilityTransferTransitionException",
            f"The responsibility transfer can't transition from {status} to WITHDRAWN.",
            400,
        )
    end = end_of_month(max(call.now, transfer.start))
    if "EndTimestamp" in request:
        latest = limit(call.limits, "organizations.responsibility-transfer-months")
        end = check_end(request["EndTimestamp"], transfer.start, call.now, latest)
    withdrawn = msgspec.structs.replace(transfer, status="WITHDRAWN", end=end)
    call.transaction.put(RESPONSIBILITY_TRANSFER, transfer.target, withdrawn)
    announce(call, "ResponsibilityTransferTerminated", withdrawn)
    return {"ResponsibilityTransfer": transfer_shape(call, organization, withdrawn, "WITHDRAWN")}


def _listed(
    call: Call, request: "Mapping[str, Any]", name: str, transfers: Iterable[ResponsibilityTransfer]
) -> "shapes.ListInboundResponsibilityTransfersResponse":
    organization = acting_organization(call)
    shown = [(transfer, status_at(call.records, transfer, call.now)) for transfer in transfers]
    found, rest = page(request, name, [item for item in shown if item[1]], lambda item: item[0].id)
    listed = [transfer_shape(call, organization, *item) for item in found]
    return {"ResponsibilityTransfers": listed, **rest}
