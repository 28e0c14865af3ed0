"""The credential report: a CSV file of all users and their credentials, the root user's first.

Columns and values: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
Rows end with a line feed, the last one without; booleans are in lower case, as AWS writes them.
"""

import csv
import io
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.login_profiles import password_last_used
from masugata.records.account import ACCOUNT
from masugata.records.iam import (
    ACCESS_KEY,
    CREDENTIAL_REPORT,
    LOGIN_PROFILE,
    MFA_DEVICE,
    ONE_PER_ACCOUNT,
    PASSWORD_POLICY,
    SIGNING_CERTIFICATE,
    USER,
    CredentialReport,
)
from masugata.services.iam._common import user_arn, whole_seconds
from masugata.services.iam.last_use import NEVER, last_use

if TYPE_CHECKING:
    from masugata_types import iam as shapes

REUSED = timedelta(hours=4)
COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(
        f"access_key_{number}_{what}"
        for number in (1, 2)
        for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ),
    *(f"cert_{number}_{what}" for number in (1, 2) for what in ("active", "last_rotated")),
)
NO_INFORMATION = "no_information"
NOT_SUPPORTED = "not_supported"
ROOT = "<root_account>"


def prepare_credential_report(call: Call, _request: object) -> bytes | None:
    """The report, deflated, written outside the transaction; None while the last one still counts."""
    return None if _current(call) is not None else zlib.compress(_report(call).encode())


def generate_credential_report(call: Call, _request: object) -> "shapes.GenerateCredentialReportResponse":
    """Store a new report unless there is one of the last four hours."""
    if _current(call) is not None:
        return {"State": "COMPLETE"}
    content: bytes | None = call.prepared
    if content is None:  # the one that was there grew old in between
        content = zlib.compress(_report(call).encode())
    report = CredentialReport(create_date=whole_seconds(call), content=content)
    call.transaction.put(CREDENTIAL_REPORT, call.account, report)
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


def get_credential_report(call: Call, _request: object) -> "shapes.GetCredentialReportResponse":
    """The last report; raises ReportNotPresent or, after four hours, ReportExpired."""
    if call.records.get(CREDENTIAL_REPORT, call.account, ONE_PER_ACCOUNT) is None:
        raise AwsError("ReportNotPresent", "There is no credential report: generate one.", 410)
    report = _current(call)
    if report is None:
        raise AwsError("ReportExpired", "The credential report is older than four hours: generate one.", 410)
    return {
        "Content": zlib.decompress(report.content),
        "ReportFormat": "text/csv",
        "GeneratedTime": report.create_date,
    }


def _current(call: Call) -> CredentialReport | None:
    report = call.records.get(CREDENTIAL_REPORT, call.account, ONE_PER_ACCOUNT)
    return None if report is None or call.now - report.create_date > REUSED else report


def _report(call: Call) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(call))
    return text.getvalue().removesuffix("\n")


def _rows(call: Call) -> Iterator[list[str]]:
    account = call.records.get(ACCOUNT, call.account, call.account)
    if account is None:
        raise AwsError("ServiceFailure", f"account `{call.account}` has no record", 500)
    arn = f"arn:{call.partition}:iam::{call.account}:root"
    yield [ROOT, arn, _time(account.create_date), *_credentials(call, call.account)]
    for user in call.records.scan(USER, call.account):
        yield [user.name, user_arn(call, user), _time(user.create_date), *_credentials(call, user.id)]


def _credentials(call: Call, owner_id: str) -> list[str]:
    """All columns behind the creation time, of a user or (the account's id) the root user."""
    devices = call.records.referring(MFA_DEVICE, call.account, "owner", owner_id)
    return [
        *_password(call, owner_id),
        _truth(bool(devices)),
        *_access_keys(call, owner_id),
        *_certificates(call, owner_id),
    ]


def _password(call: Call, owner_id: str) -> list[str]:
    """Whether there is a password, when it was used and set, and when it has to be changed."""
    root = owner_id == call.account
    profile = call.records.get(LOGIN_PROFILE, call.account, owner_id)
    if profile is None:  # of the root user nobody says that its password is not applicable
        return ["false", NO_INFORMATION, NEVER, NOT_SUPPORTED] if root else ["false", NEVER, NEVER, NEVER]
    used = password_last_used(call.store, profile)
    policy = call.records.get(PASSWORD_POLICY, call.account, ONE_PER_ACCOUNT)
    rotation = NOT_SUPPORTED if root else NEVER
    if not root and policy is not None and policy.maximum_age:
        rotation = _time(profile.change_date + timedelta(days=policy.maximum_age))
    return [
        "true",
        NO_INFORMATION if used is None else _time(used),
        _time(profile.change_date),
        rotation,
    ]


def _access_keys(call: Call, owner_id: str) -> list[str]:
    """Five columns for each of two keys, by id."""
    columns: list[str] = []
    keys = call.records.referring(ACCESS_KEY, call.account, "owner", owner_id)
    for key in sorted(keys, key=ACCESS_KEY.key)[:2]:
        use = last_use(call, f"access-key/{key.id}")
        columns += [_truth(key.active), _time(key.create_date)]
        columns += [NEVER] * 3 if use is None else [_time(use.time), use.region, use.service]
    while len(columns) < 2 * 5:
        columns += ["false", *[NEVER] * 4]
    return columns


def _certificates(call: Call, owner_id: str) -> list[str]:
    """Two columns for each of two signing certificates, inactive ones first, as AWS orders them."""
    columns: list[str] = []
    certificates = call.records.referring(SIGNING_CERTIFICATE, call.account, "owner", owner_id)
    for certificate in sorted(certificates, key=lambda c: (c.active, c.upload_date, c.id))[:2]:
        columns += [_truth(certificate.active), _time(certificate.upload_date)]
    while len(columns) < 2 * 2:
        columns += ["false", NEVER]
    return columns


def _truth(value: object) -> str:
    return "true" if value else "false"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
