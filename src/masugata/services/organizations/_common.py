"""What the Organizations operations share: who may call, look-ups with AWS's errors, and paging."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict, TypeVar

from masugata.authorization.resources.organizations import ANY_MEMBER, DELEGABLE, DELEGATED_READ
from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT, Account
from masugata.records.organizations import (
    MEMBER,
    Member,
    Organization,
    organization_arn,
    organization_of,
)

Item = TypeVar("Item")


class PageEnd(TypedDict):
    """The member that says where the next page begins, if there is one."""

    NextToken: NotRequired[str]


ORGANIZATIONS_PRINCIPAL = "organizations.amazonaws.com"
_PAGE = 20
_NOT_PERMITTED = "You don't have permissions to access this resource."


def constraint_violation(reason: str, message: str) -> AwsError:
    """ConstraintViolationException with one of the model's reasons."""
    return AwsError("ConstraintViolationException", message, 400, Reason=reason)


def invalid_input(reason: str, message: str) -> AwsError:
    """InvalidInputException with one of the model's reasons."""
    return AwsError("InvalidInputException", message, 400, Reason=reason)


def handshake_violation(reason: str, message: str) -> AwsError:
    """HandshakeConstraintViolationException with one of the model's reasons."""
    return AwsError("HandshakeConstraintViolationException", message, 400, Reason=reason)


def not_permitted() -> AwsError:
    """AWS's answer to whoever is not the management account and has nothing delegated."""
    return AwsError("AccessDenied", _NOT_PERMITTED, 400)


def not_in_use() -> AwsError:
    """AWS's answer to an account that is in no organization."""
    return AwsError(
        "AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", 400
    )


def acting_organization(call: Call) -> Organization:
    """The organization that this call is about, if the caller's account may do that to it.

    The management account may do everything; of members see `authorization.resources.organizations`.
    Raises AWSOrganizationsNotInUseException and AccessDeniedException.
    """
    organization = organization_of(call.records, call.account)
    if organization is None:
        raise not_in_use()
    if call.account == organization.management_account or call.operation in ANY_MEMBER:
        return organization
    if call.operation in DELEGATED_READ and organization.delegates_any(call.account):
        return organization
    # That the resource-based policy allows it was asked when the call was authorized.
    if call.operation in DELEGABLE and organization.resource_policy is not None:
        return organization
    raise not_permitted()


def require_all_features(organization: Organization) -> None:
    """Raise ConstraintViolationException in an organization for consolidated billing only."""
    if not organization.all_features:
        raise constraint_violation(
            "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
            "You can't perform this operation until all features are enabled in the organization.",
        )


def find_member(call: Call, organization: Organization, account_id: str) -> tuple[Member, Account]:
    """An account of the organization; raises AccountNotFoundException."""
    member = call.records.get(MEMBER, organization.management_account, account_id)
    account = call.records.get(ACCOUNT, account_id, account_id)
    if member is None or member.organization != organization.id or account is None:
        raise AwsError(
            "AccountNotFoundException",
            f"You specified an account that doesn't exist: {account_id}.",
            400,
        )
    return member, account


def arn(call: Call, organization: Organization, what: str, *parts: str) -> str:
    """The ARN of something in the organization, as `organization_arn`."""
    return organization_arn(organization, what, *parts, partition=call.partition)


def new_id(call: Call, prefix: str, length: int) -> str:
    """`prefix-` and `length` random letters and digits, as AWS makes ids."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    number = int.from_bytes(call.random(2 * length))
    drawn = ""
    for _ in range(length):
        number, index = divmod(number, len(letters))
        drawn += letters[index]
    return f"{prefix}-{drawn}"


def whole_milliseconds(moment: datetime) -> datetime:
    """A time as Organizations writes it down."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def page(
    request: Mapping[str, Any],
    name: str,
    items: Iterable[Item],
    key: Callable[[Item], str],
    *,
    size: int = _PAGE,
) -> tuple[list[Item], PageEnd]:
    """One page of a listing and its NextToken; `items` come by `key`, `name` says of which listing.

    They may begin at `page_start`, which spares those of earlier pages. Raises InvalidInputException,
    INVALID_NEXT_TOKEN, for a token that is not of this listing.
    """
    after = _opened(request.get("NextToken"), name)
    count = min(request.get("MaxResults", size), size)
    found: list[Item] = []
    for item in items:
        if after is not None and key(item) <= after:
            continue
        if len(found) == count:
            return found, {"NextToken": _sealed(name, key(found[-1]))}
        found.append(item)
    return found, {}


def page_start(request: Mapping[str, Any], name: str) -> str | None:
    """The key behind which the asked page of this listing begins, None for the first; raises as `page`."""
    return _opened(request.get("NextToken"), name)


def _sealed(name: str, key: str) -> str:
    return base64.urlsafe_b64encode(f"{name}\n{key}".encode()).decode()


def _opened(token: str | None, name: str) -> str | None:
    if token is None:
        return None
    try:
        of, _, key = base64.b64decode(token, altchars=b"-_", validate=True).decode().partition("\n")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        of, key = "", ""
    if of != name:
        raise invalid_input("INVALID_NEXT_TOKEN", "You provided a NextToken that isn't valid.")
    return key
