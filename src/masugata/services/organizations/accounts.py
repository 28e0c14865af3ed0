"""Operations on the accounts of an organization."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.records.account import Account
from masugata.records.organizations import Member, Organization, levels, path_of
from masugata.services.organizations._common import acting_organization, arn, find_member

if TYPE_CHECKING:
    from masugata_types import organizations as shapes


def describe_account(
    call: Call, request: "shapes.DescribeAccountRequest"
) -> "shapes.DescribeAccountResponse":
    """One account of the organization; raises AccountNotFoundException."""
    organization = acting_organization(call)
    member, account = find_member(call, organization, request["AccountId"])
    return {"Account": account_shape(call, organization, member, account)}


def account_shape(
    call: Call, organization: Organization, member: Member, account: Account
) -> "shapes.Account":
    """An account as it is answered."""
    way = levels(call.records, organization, member.id)
    return {
        "Id": member.id,
        "Arn": arn(call, organization, "account", member.id),
        "Email": account.root_email,
        "Name": account.name or account.alias or member.id,
        "Status": _status(account),
        "State": account.state,
        "JoinedMethod": member.joined_method,
        "JoinedTimestamp": member.joined,
        "Paths": [f"{path_of(organization, way)}{member.id}/"],
    }


def _status(account: Account) -> str:
    """The older Status, which has fewer values."""
    if account.state in ("ACTIVE", "PENDING_ACTIVATION"):
        return "ACTIVE"
    return "PENDING_CLOSURE" if account.state == "PENDING_CLOSURE" else "SUSPENDED"
