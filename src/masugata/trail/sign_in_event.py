"""Events of signing in with a password, in the form of AWS's console.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
"""

from datetime import datetime

import msgspec
import orjson

from masugata.store import EventRow
from masugata.trail.event import EVENT_VERSION
from masugata.trail.redaction import HIDDEN
from masugata.wire.message import HttpRequest

SIGN_IN_REGION = "us-east-1"


class SignInAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says of an attempt.

    `name` is ConsoleLogin, CheckMfa, PasswordUpdated, PasswordRecoveryRequested or PasswordRecoveryCompleted.

    `principal_id` is empty for a user that does not exist, whose name is not shown either: it may be
    a password in the wrong field.
    """

    name: str
    account: str
    root: bool
    principal_id: str
    arn: str
    user_name: str
    succeeded: bool
    error: str | None
    mfa_serial: str | None
    now: datetime
    http: HttpRequest
    event_id: str


def sign_in_event(attempt: SignInAttempt) -> EventRow:
    """The event of one attempt, as a row of the event log."""
    http, known = attempt.http, bool(attempt.principal_id)
    event = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": _identity(attempt),
        "eventTime": attempt.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "signin.amazonaws.com",
        "eventName": attempt.name,
        "awsRegion": SIGN_IN_REGION,
        "sourceIPAddress": http.source_ip,
        "userAgent": (http.header("user-agent") or "")[:1024],
        "requestParameters": None,
        "responseElements": {attempt.name: "Success" if attempt.succeeded else "Failure"},
        "additionalEventData": _more(attempt),
        "eventID": attempt.event_id,
        "readOnly": False,
        "eventType": "AwsConsoleSignIn",
        "managementEvent": True,
        "recipientAccountId": attempt.account,
        "eventCategory": "Management",
    }
    if attempt.error is not None:
        event["errorMessage"] = attempt.error
    if http.secure:
        event["tlsDetails"] = {"clientProvidedHostHeader": http.header("host") or ""}
    return EventRow(
        time=attempt.now,
        account=attempt.account,
        region=SIGN_IN_REGION,
        event_id=attempt.event_id,
        name=attempt.name,
        source="signin.amazonaws.com",
        username=("root" if attempt.root else attempt.user_name) if known else "",
        read_only=False,
        body=orjson.dumps(event),
    )


def _more(attempt: SignInAttempt) -> dict[str, str] | None:
    http, serial = attempt.http, attempt.mfa_serial
    if attempt.name.startswith("Password"):
        return None
    more = {
        "LoginTo": f"{'https' if http.secure else 'http'}://{(http.header('host') or '')[:255]}{http.path}",
        "MobileVersion": "No",
        "MFAUsed": "Yes" if serial is not None else "No",
    }
    return more if serial is None else {**more, "MFAIdentifier": serial}


def _identity(attempt: SignInAttempt) -> dict[str, str]:
    if not attempt.principal_id:
        return {
            "type": "IAMUser",
            "accountId": attempt.account,
            "accessKeyId": "",
            "userName": HIDDEN,
        }
    identity = {
        "type": "Root" if attempt.root else "IAMUser",
        "principalId": attempt.principal_id,
        "arn": attempt.arn,
        "accountId": attempt.account,
        "accessKeyId": "",
    }
    return identity if attempt.root else {**identity, "userName": attempt.user_name}
