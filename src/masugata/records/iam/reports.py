"""Reports that were generated and wait to be fetched: the credential report, and what was last accessed."""

from datetime import datetime

import msgspec

from masugata.records.iam.one_per_account import ONE_PER_ACCOUNT
from masugata.records.kind import Kind


class CredentialReport(msgspec.Struct, frozen=True, kw_only=True):
    """The account's only credential report: a CSV file, deflated."""

    version: int = 1
    create_date: datetime
    content: bytes


class AccessReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an entity or policy may access and last accessed: JSON of `last_accessed`, deflated.

    Only the caller whose unique id is `caller_id` may fetch it. `actions` says that it tells of actions, too.
    One on an entity of an organization has the `entity_path`, and the JSON of `organizations_access`.
    """

    version: int = 1
    id: str
    caller_id: str
    actions: bool
    create_date: datetime
    content: bytes
    entity_path: str = ""


CREDENTIAL_REPORT = Kind(
    "iam",
    "credential-report",
    CredentialReport,
    key=lambda _: ONE_PER_ACCOUNT,
    names=lambda _: (),
    references=lambda _: (),
)
ACCESS_REPORT = Kind(
    "iam",
    "access-report",
    AccessReport,
    key=lambda r: r.id,
    names=lambda _: (),
    references=lambda _: (),
)
