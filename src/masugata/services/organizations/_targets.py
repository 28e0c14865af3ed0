"""Where policies are attached: looking targets up, changing what is on them, and how they are answered."""

from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT
from masugata.records.kind import Kind
from masugata.records.organizations import (
    MEMBER,
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    Member,
    Organization,
    Target,
    find_target,
)
from masugata.services.organizations._common import arn

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

BELOW_ROOT: Final[tuple[Kind[Any], ...]] = (MEMBER, ORGANIZATIONAL_UNIT)
"""The kinds of targets that are records of their own, in the order of their ids."""


def target_of(call: Call, organization: Organization, target_id: str) -> Target:
    """The root, organizational unit or account with this id; raises TargetNotFoundException."""
    target = find_target(call.records, organization, target_id)
    if target is None:
        raise AwsError("TargetNotFoundException", "You specified a target that doesn't exist.", 400)
    return target


def put_target(call: Call, organization: Organization, target: Target) -> None:
    """Store a target that changed."""
    account = organization.management_account
    if isinstance(target, Organization):
        call.transaction.put(ORGANIZATION, account, target)
    elif isinstance(target, Member):
        call.transaction.put(MEMBER, account, target)
    else:
        call.transaction.put(ORGANIZATIONAL_UNIT, account, target)


def touch_target(call: Call, target: Target) -> None:
    """Name a target for the event of this call."""
    if isinstance(target, Organization):
        call.touches("AWS::Organizations::Root", target.root_id)
    elif isinstance(target, Member):
        call.touches("AWS::Organizations::Account", target.id)
    else:
        call.touches("AWS::Organizations::OrganizationalUnit", target.id)


def target_shape(call: Call, organization: Organization, target: Target) -> "shapes.PolicyTargetSummary":
    """A target as it is answered."""
    if isinstance(target, Organization):
        return {
            "TargetId": target.root_id,
            "Arn": arn(call, organization, "root", target.root_id),
            "Name": "Root",
            "Type": "ROOT",
        }
    if isinstance(target, Member):
        account = call.records.get(ACCOUNT, target.id, target.id)
        return {
            "TargetId": target.id,
            "Arn": arn(call, organization, "account", target.id),
            "Name": target.id if account is None else account.shown_name,
            "Type": "ACCOUNT",
        }
    return {
        "TargetId": target.id,
        "Arn": arn(call, organization, "ou", target.id),
        "Name": target.name,
        "Type": "ORGANIZATIONAL_UNIT",
    }
