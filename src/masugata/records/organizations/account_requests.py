"""Requests to create an account, which take time."""

from datetime import datetime

import msgspec

from masugata.records.iam.tag import Tag
from masugata.records.kind import Kind

ACCESS_ROLE = "OrganizationAccountAccessRole"
"""The role by which the management account comes into a new one, unless the request names another."""


class CreateAccountRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request to create an account, kept in the management account; `id` is `car-…`.

    It is IN_PROGRESS until `due`, then the scheduler makes it SUCCEEDED or FAILED. `account_id` is the
    account that will be made, or was.
    """

    version: int = 1
    id: str
    organization: str
    state: str = "IN_PROGRESS"
    account_name: str
    email: str
    account_id: str
    role_name: str
    partition: str = "aws"
    tags: tuple[Tag, ...] = ()
    requested: datetime
    due: datetime
    completed: datetime | None = None
    failure_reason: str | None = None


CREATE_ACCOUNT_REQUEST = Kind(
    "organizations",
    "create-account-request",
    CreateAccountRequest,
    key=lambda r: r.id,
    names=lambda r: [("id", r.id)],
    references=lambda r: [("state", r.state)],
)
