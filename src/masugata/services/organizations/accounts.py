"""Operations on the accounts of an organization."""

from typing import TYPE_CHECKING

import msgspec

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT, Account
from masugata.records.organizations import MEMBER, Member, Organization, find_target, levels, path_of
from masugata.services.organizations._common import acting_organization, arn, find_member, page, page_start

if TYPE_CHECKING:
    from collections.abc import Iterable

    from masugata_types import organizations as shapes


def describe_account(
    call: Call, request: "shapes.DescribeAccountRequest"
) -> "shapes.DescribeAccountResponse":
    """One account of the organization; raises AccountNotFoundException."""
    organization = acting_organization(call)
    member, account = find_member(call, organization, request["AccountId"])
    return {"Account": account_shape(call, organization, member, account)}


def list_accounts(call: Call, request: "shapes.ListAccountsRequest") -> "shapes.ListAccountsResponse":
    """All accounts of the organization by id, the management account and closed ones included."""
    organization = acting_organization(call)
    after = page_start(request, "accounts")
    members = call.records.scan(MEMBER, organization.management_account, after=after)
    listed, rest = page(request, "accounts", members, lambda member: member.id)
    return {"Accounts": _shapes(call, organization, listed), **rest}


def list_accounts_for_parent(
    call: Call, request: "shapes.ListAccountsForParentRequest"
) -> "shapes.ListAccountsForParentResponse":
    """The accounts right below the root or an organizational unit; raises ParentNotFoundException."""
    organization = acting_organization(call)
    parent = request["ParentId"]
    if not _is_parent(call, organization, parent):
        raise AwsError("ParentNotFoundException", "You specified parent that doesn't exist.", 400)
    members = call.records.referring(MEMBER, organization.management_account, "parent", parent)
    listed, rest = page(request, f"accounts of {parent}", members, lambda member: member.id)
    return {"Accounts": _shapes(call, organization, listed), **rest}


def move_account(call: Call, request: "shapes.MoveAccountRequest") -> dict[str, object]:
    """Put an account below another parent, whose policies bind its next request.

    Raises AccountNotFoundException, SourceParentNotFoundException, DestinationParentNotFoundException and
    DuplicateAccountException.
    """
    organization = acting_organization(call)
    member, _ = find_member(call, organization, request["AccountId"])
    source, destination = request["SourceParentId"], request["DestinationParentId"]
    if not _is_parent(call, organization, source):
        raise _no_source()
    if not _is_parent(call, organization, destination):
        raise AwsError(
            "DestinationParentNotFoundException",
            "You specified a destination parent that doesn't exist.",
            400,
        )
    if member.parent == destination:
        raise AwsError("DuplicateAccountException", "The account is already present in the destination.", 400)
    if member.parent != source:
        raise _no_source()
    moved = msgspec.structs.replace(member, parent=destination)
    call.transaction.put(MEMBER, organization.management_account, moved)
    call.touches("AWS::Organizations::Account", member.id)
    return {}


def account_shape(
    call: Call, organization: Organization, member: Member, account: Account
) -> "shapes.Account":
    """An account as it is answered."""
    way = levels(call.records, organization, member.id)
    return {
        "Id": member.id,
        "Arn": arn(call, organization, "account", member.id),
        "Email": account.root_email,
        "Name": account.shown_name,
        "Status": _status(account),
        "State": account.state,
        "JoinedMethod": member.joined_method,
        "JoinedTimestamp": member.joined,
        "Paths": [f"{path_of(organization, way)}{member.id}/"],
    }


def _shapes(call: Call, organization: Organization, members: "Iterable[Member]") -> "list[shapes.Account]":
    found = ((member, call.records.get(ACCOUNT, member.id, member.id)) for member in members)
    return [
        account_shape(call, organization, member, account) for member, account in found if account is not None
    ]


def _is_parent(call: Call, organization: Organization, id_: str) -> bool:
    """Whether this is the root or an organizational unit of the organization."""
    target = find_target(call.records, organization, id_)
    return target is not None and not isinstance(target, Member)


def _no_source() -> AwsError:
    """Of a source that is not there, and of one that is not the account's parent."""
    return AwsError(
        "SourceParentNotFoundException",
        "You specified a source parent that doesn't exist, or that isn't the account's.",
        400,
    )


def _status(account: Account) -> str:
    """The older Status, which has fewer values: a closed account is SUSPENDED."""
    if account.state in ("ACTIVE", "PENDING_ACTIVATION"):
        return "ACTIVE"
    return "PENDING_CLOSURE" if account.state == "PENDING_CLOSURE" else "SUSPENDED"
