"""What the operations on responsibility transfers share.

Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/orgs_transfer_billing.html
"""

from datetime import datetime
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.account import ACCOUNT
from masugata.records.organizations import (
    HANDSHAKE,
    RESPONSIBILITY_TRANSFER,
    Organization,
    ResponsibilityTransfer,
)
from masugata.services.organizations._common import arn, constraint_violation
from masugata.services.organizations._handshakes import is_shown
from masugata.store import Records
from masugata.trail import service_event

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def outbound(records: Records, account: str) -> list[ResponsibilityTransfer]:
    """The transfers by which others manage, or would, what is of an account; by id."""
    found = [
        transfer
        for management, _ in records.partitions(RESPONSIBILITY_TRANSFER)
        for transfer in records.referring(RESPONSIBILITY_TRANSFER, management, "source", account)
    ]
    return sorted(found, key=lambda transfer: transfer.id)


def inbound(records: Records, account: str) -> list[ResponsibilityTransfer]:
    """The transfers by which an account manages, or would, what is of others; by id."""
    return records.referring(RESPONSIBILITY_TRANSFER, account, "target", account)


def status_at(records: Records, transfer: ResponsibilityTransfer, now: datetime) -> str:
    """The status as the API has it, at a time; empty for an invitation that nobody is shown any more."""
    if transfer.status != "REQUESTED":
        return transfer.status
    handshake = records.get(HANDSHAKE, transfer.target, transfer.handshake)
    if handshake is None or not is_shown(handshake, now):
        return ""
    return "REQUESTED" if handshake.is_open(now) else handshake.state_at(now)


def in_transfer_process(records: Records, organization: Organization, now: datetime) -> bool:
    """Whether an organization takes part in a transfer, asked for or not over, and so cannot be deleted."""
    management = organization.management_account
    return any(
        transfer.binds_at(now) or status_at(records, transfer, now) == "REQUESTED"
        for transfer in (*outbound(records, management), *inbound(records, management))
    )


def find_transfer(call: Call, transfer_id: str) -> tuple[ResponsibilityTransfer, str]:
    """A transfer that the caller's account takes part in, and its status.

    Raises ResponsibilityTransferNotFoundException, to others as well.
    """
    found = call.records.by_name(RESPONSIBILITY_TRANSFER, "id", transfer_id)
    if found is not None and call.account in {found[2].source, found[2].target}:
        status = status_at(call.records, found[2], call.now)
        if status:
            return found[2], status
    raise AwsError(
        "ResponsibilityTransferNotFoundException",
        f"We can't find a transfer that you specified: {transfer_id}.",
        400,
    )


def check_chain(call: Call, transfer: ResponsibilityTransfer) -> None:
    """Raise ConstraintViolationException if with this transfer a chain gets too long or too wide.

    Whoever manages for others may hand over itself, so transfers form chains; they never form a ring.
    """
    records, start, limits = call.records, transfer.start, call.limits
    above = _above(records, transfer.target, start)
    below = _below(records, transfer.source, start)
    levels = len(above) + max(below, default=0)
    if transfer.source in above or levels > limit(limits, "organizations.responsibility-transfer-levels"):
        raise constraint_violation(
            "RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION",
            "You have exceeded the maximum length of your transfer chain.",
        )
    in_chain = 1 + len(below) + len(_below(records, above[-1], start))
    if in_chain > limit(limits, "organizations.responsibility-transfers-in-chain"):
        raise constraint_violation(
            "RESPONSIBILITY_TRANSFER_MAX_TRANSFERS_QUOTA_VIOLATION",
            "You have exceeded the maximum number of inbound transfers allowed in a transfer chain.",
        )


def announce(call: Call, name: str, transfer: ResponsibilityTransfer) -> None:
    """Record that a transfer was accepted or terminated, for its accounts and those that inherit it."""
    details = {
        "responsibilityTransferId": transfer.id,
        "type": transfer.type,
        "sourceManagementAccountId": transfer.source,
        "targetManagementAccountId": transfer.target,
        "startTime": transfer.start,
        "endTime": transfer.end,
    }
    above = _above(call.records, transfer.target, max(call.now, transfer.start))
    for account in (transfer.source, *above):
        call.transaction.emit(
            service_event("organizations", name, account, details, now=call.now, random=call.random)
        )


def _above(records: Records, account: str, moment: datetime) -> list[str]:
    """An account, who manages for it, who manages for that one, and so on."""
    chain = [account]
    while True:
        up = [transfer.target for transfer in outbound(records, chain[-1]) if transfer.binds_at(moment)]
        if not up or up[0] in chain:
            return chain
        chain.append(up[0])


def _below(records: Records, account: str, moment: datetime) -> list[int]:
    """The depth of each transfer that ends in an account, directly or not.

    Transfers that do not bind at the same time may form a ring, so each counts once.
    """
    depths: dict[str, int] = {}
    waiting = [(account, 1)]
    while waiting:
        account, depth = waiting.pop()
        for transfer in inbound(records, account):
            if transfer.binds_at(moment) and transfer.id not in depths:
                depths[transfer.id] = depth
                waiting.append((transfer.source, depth + 1))
    return list(depths.values())


def transfer_shape(
    call: Call, organization: Organization, transfer: ResponsibilityTransfer, status: str
) -> "shapes.ResponsibilityTransfer":
    """A transfer as it is answered to one of its accounts; the name is told to the target only."""
    inwards = transfer.target == call.account
    direction = "inbound" if inwards else "outbound"
    source, target = _participant(call, transfer.source), _participant(call, transfer.target)
    if inwards and transfer.status == "REQUESTED":
        if transfer.invited_by == "ACCOUNT":
            del source["ManagementAccountEmail"]
        else:
            del source["ManagementAccountId"]
    shape: shapes.ResponsibilityTransfer = {
        "Arn": arn(call, organization, "transfer", transfer.type.lower(), direction, transfer.id),
        "Id": transfer.id,
        "Type": transfer.type,
        "Status": status,
        "Source": source,
        "Target": target,
        "StartTimestamp": transfer.start,
        "ActiveHandshakeId": transfer.handshake,
    }
    if inwards:
        shape["Name"] = transfer.name
    if transfer.end is not None:
        shape["EndTimestamp"] = transfer.end
    return shape


def _participant(call: Call, account_id: str) -> "shapes.TransferParticipant":
    account = call.records.get(ACCOUNT, account_id, account_id)
    email = "" if account is None else account.root_email
    return {"ManagementAccountId": account_id, "ManagementAccountEmail": email}
