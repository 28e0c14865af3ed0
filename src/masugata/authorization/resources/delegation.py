"""What operations on delegation requests act on, and what owners of a request may do without a policy.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies-temporary-delegation.html, "Managing
Permissions for Delegation Requests". It has the action `iam:UpdateDelegationRequest`, which the service
authorization reference, and so the catalogue, has not.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from masugata.authorization.access import Access, ContextValue
from masugata.identity.caller import Caller
from masugata.records.iam.delegation_requests import DELEGATION_REQUEST, DelegationRequest
from masugata.store import Records

Request = Mapping[str, Any]

# What the owner of a request may do by default; accepting is not among it.
_OWNERS = frozenset(
    {
        "GetDelegationRequest",
        "GetHumanReadableSummary",
        "UpdateDelegationRequest",
        "RejectDelegationRequest",
        "SendDelegationToken",
    }
)
OPERATIONS = _OWNERS | {
    "AcceptDelegationRequest",
    "AssociateDelegationRequest",
    "CreateDelegationRequest",
    "ListDelegationRequests",
}


def accesses(operation: str, request: Request, caller: Caller, records: Records) -> list[Access]:
    """The one permission: on the request as the caller's account sees it, wherever it was made."""
    action = f"iam:{operation}"
    if operation == "ListDelegationRequests":
        owner = request.get("OwnerId")
        context: dict[str, ContextValue] = {} if owner is None else {"iam:DelegationRequestOwner": owner}
        return [Access(action=action, resource="*", resource_account=None, context=context)]
    prefix = f"arn:{caller.partition}:iam::{caller.account}:delegation-request/"
    if operation == "CreateDelegationRequest":
        context = {
            "iam:NotificationChannel": request["NotificationChannel"],
            "iam:DelegationDuration": str(request["SessionDuration"]),
        }
        if (template := request["Permissions"].get("PolicyTemplateArn")) is not None:
            context["iam:TemplateArn"] = template
        # The id is not made yet; only a policy for any request can allow it.
        return [
            Access(action=action, resource=f"{prefix}*", resource_account=caller.account, context=context)
        ]
    name = str(request.get("DelegationRequestId") or request["EntityArn"]).rpartition("/")[2]
    found = records.by_name(DELEGATION_REQUEST, "id", name)
    owned = found[2] if found is not None and found[2].owner_account == caller.account else None
    context = {"iam:DelegationRequestOwner": owned.owner_arn} if owned and owned.owner_arn else {}
    return [
        Access(
            action=action,
            resource=f"{prefix}{name}",
            resource_account=caller.account,
            context=context,
            trust_policy=_owners_policy(action, caller) if _owns(operation, caller, owned) else None,
        )
    ]


def _owns(operation: str, caller: Caller, owned: DelegationRequest | None) -> bool:
    return operation in _OWNERS and owned is not None and owned.owner_user_id == caller.user_id


def _owners_policy(action: str, caller: Caller) -> str:
    """A policy that names the owner, and leaves the rest to the account's own policies."""
    principals = {"AWS": [caller.account, caller.user_id]}
    statement = {"Effect": "Allow", "Principal": principals, "Action": action}
    return orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
