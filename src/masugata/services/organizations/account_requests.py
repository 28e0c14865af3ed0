"""Operations that ask for new accounts, and tell what became of it.

Sources: https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_create.html
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from masugata.call import Call
from masugata.errors import AwsError
from masugata.limits import limit
from masugata.records.account import ACCOUNT
from masugata.records.iam import Tag
from masugata.records.organizations import (
    ACCESS_ROLE,
    CREATE_ACCOUNT_REQUEST,
    CreateAccountRequest,
    Organization,
)
from masugata.services.organizations._common import (
    acting_organization,
    constraint_violation,
    invalid_input,
    new_id,
    page,
    whole_milliseconds,
)
from masugata.services.organizations._creating import ACCOUNT_ID_TAG, draw_account_id
from masugata.services.organizations._quota import check_account_quota, requests_in_progress
from masugata.services.organizations._tag_policies import created_tags

if TYPE_CHECKING:
    from masugata_types import organizations as shapes

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_RESERVED_ROLES = "awsservicerolefor"
_MOST_TRACKED = 10_000


def create_account(call: Call, request: "shapes.CreateAccountRequest") -> "shapes.CreateAccountResponse":
    """Ask for a new member account; the answer says IN_PROGRESS, and the scheduler makes it.

    A tag `masugata:account-id` chooses its id. Raises ConstraintViolationException
    (ACCOUNT_NUMBER_LIMIT_EXCEEDED, ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED, MAX_TAG_LIMIT_EXCEEDED) and
    InvalidInputException.
    """
    organization = acting_organization(call)
    _check_role_name(request.get("RoleName", ACCESS_ROLE))
    tags = created_tags(call, organization, "organizations:account", request.get("Tags"))
    check_account_quota(call.records, organization, call.limits, call.now)
    running = requests_in_progress(call.records, organization)
    if len(running) >= limit(call.limits, "organizations.accounts-in-creation"):
        raise constraint_violation(
            "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
            "You have exceeded the number of accounts that can be in progress at a time.",
        )
    now = whole_milliseconds(call.now)
    asked = CreateAccountRequest(
        id=new_id(call, "car", 32),
        organization=organization.id,
        account_name=request["AccountName"],
        email=request["Email"],
        account_id=_account_id(call, tags, running),
        role_name=request.get("RoleName", ACCESS_ROLE),
        partition=call.partition,
        tags=tags,
        requested=now,
        due=now + timedelta(seconds=limit(call.limits, "organizations.account-creation-seconds")),
    )
    _forget_oldest(call, organization)
    call.transaction.put(CREATE_ACCOUNT_REQUEST, organization.management_account, asked)
    return {"CreateAccountStatus": _shape(asked)}


def create_gov_cloud_account(call: Call, request: object) -> "shapes.CreateGovCloudAccountResponse":
    """Raises MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED: no account here is paired with one of GovCloud."""
    del request
    acting_organization(call)
    raise constraint_violation(
        "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED",
        "The management account has no associated account in the AWS GovCloud (US) Region.",
    )


def describe_create_account_status(
    call: Call, request: "shapes.DescribeCreateAccountStatusRequest"
) -> "shapes.DescribeCreateAccountStatusResponse":
    """What became of a request; raises CreateAccountStatusNotFoundException."""
    organization = acting_organization(call)
    id_ = request["CreateAccountRequestId"]
    found = call.records.get(CREATE_ACCOUNT_REQUEST, organization.management_account, id_)
    if found is None or found.organization != organization.id:
        raise AwsError(
            "CreateAccountStatusNotFoundException",
            "You specified a create account request id that does not exist.",
            400,
        )
    return {"CreateAccountStatus": _shape(found)}


def list_create_account_status(
    call: Call, request: "shapes.ListCreateAccountStatusRequest"
) -> "shapes.ListCreateAccountStatusResponse":
    """The organization's requests by id, those in one of `States` if there are any."""
    organization = acting_organization(call)
    states = request.get("States") or ()
    found = (
        asked
        for asked in call.records.scan(CREATE_ACCOUNT_REQUEST, organization.management_account)
        if asked.organization == organization.id and (not states or asked.state in states)
    )
    listed, rest = page(request, "create-account-statuses", found, lambda asked: asked.id)
    return {"CreateAccountStatuses": [_shape(asked) for asked in listed], **rest}


def _check_role_name(name: str) -> None:
    """IAM's names do not differ in case alone, so neither does the reserved prefix."""
    if name.lower().startswith(_RESERVED_ROLES):
        raise invalid_input(
            "INVALID_ROLE_NAME", "A role name can't begin with the reserved prefix AWSServiceRoleFor."
        )


def _account_id(call: Call, tags: tuple[Tag, ...], running: list[CreateAccountRequest]) -> str:
    """The id of the account-to-be: the one that a tag chooses, else a random one that is free."""
    chosen = next((tag.value for tag in tags if tag.key == ACCOUNT_ID_TAG), None)
    if chosen is None:
        return draw_account_id(call.records, call.random)
    if not _ACCOUNT_ID.fullmatch(chosen):
        raise invalid_input("INVALID_PATTERN", f"The tag {ACCOUNT_ID_TAG} must have 12 digits as its value.")
    taken = call.records.get(ACCOUNT, chosen, chosen) is not None
    if taken or any(asked.account_id == chosen for asked in running):
        raise invalid_input("INVALID_PATTERN", f"The account id of the tag {ACCOUNT_ID_TAG} is taken.")
    return chosen


def _forget_oldest(call: Call, organization: Organization) -> None:
    """Keep the table of requests bounded: those that ended first are forgotten first."""
    management = organization.management_account
    if call.records.count(CREATE_ACCOUNT_REQUEST, management) < _MOST_TRACKED:
        return
    ended = [
        (asked.completed, asked.id)
        for asked in call.records.scan(CREATE_ACCOUNT_REQUEST, management)
        if asked.completed is not None
    ]
    if ended:
        call.transaction.delete(CREATE_ACCOUNT_REQUEST, management, min(ended)[1])


def _shape(asked: CreateAccountRequest) -> "shapes.CreateAccountStatus":
    """A request as it is answered; an account that was not made has no id."""
    optional: Mapping[str, Any] = {
        "AccountId": asked.account_id if asked.state == "SUCCEEDED" else None,
        "CompletedTimestamp": asked.completed,
        "FailureReason": asked.failure_reason,
    }
    shape: shapes.CreateAccountStatus = {
        "Id": asked.id,
        "AccountName": asked.account_name,
        "State": asked.state,
        "RequestedTimestamp": asked.requested,
    }
    for name, value in optional.items():
        if value is not None:
            shape[name] = value  # type: ignore[literal-required]  # three members that are left out alike
    return shape
