"""What is done as the root user on this machine, and its events."""

import uuid
from collections.abc import Callable
from typing import TypeVar

from masugata.errors import MasugataError
from masugata.identity.caller import Caller, CallerKind
from masugata.server import (
    CredentialsError,
    credentials_path,
    first_account,
    read_credentials,
    utc_now,
    write_credentials,
)
from masugata.settings import Settings
from masugata.store import EventRow, Store, Transaction
from masugata.trail import RecordedCall, SignInAttempt, cloudtrail_event, sign_in_event
from masugata.wire import HttpRequest

T = TypeVar("T")

_HERE = HttpRequest(method="", path="", headers=(("user-agent", "masugata root"),))


def root_account(store: Store) -> str:
    """The account whose root user it is; raises `MasugataError` if there is none yet."""
    account = first_account(store.snapshot())
    if account is None:
        raise MasugataError("the installation has no account yet: start it once with `masugata up`")
    return account


def recorded(store: Store, account: str, operation: str, key_id: str, job: Callable[[Transaction], T]) -> T:
    """Do `job` and record it, in one transaction, as an act of the root user on an access key."""
    event = root_event(
        account, operation, {"AccessKeyId": key_id}, resources=(("AWS::IAM::AccessKey", key_id),)
    )

    def run(transaction: Transaction) -> T:
        result = job(transaction)
        transaction.emit(event)
        return result

    return store.submit(run).result()


def root_event(
    account: str,
    operation: str,
    request: dict[str, str],
    *,
    resources: tuple[tuple[str, str], ...] = (),
) -> EventRow:
    """The event of one operation of IAM, done as the root user on this machine."""
    return cloudtrail_event(
        RecordedCall(
            service="iam",
            operation=operation,
            caller=Caller(
                kind=CallerKind.ROOT, account=account, arn=_arn(account), user_id=account, access_key_id=""
            ),
            region="us-east-1",
            now=utc_now(),
            http=_HERE,
            request_id=str(uuid.uuid4()),
            event_id=str(uuid.uuid4()),
            read_only=False,
            request=request,
            resources=resources,
        )
    )


def password_event(account: str, name: str) -> EventRow:
    """The event of a root user's password: PasswordUpdated, PasswordRecoveryRequested or …Completed."""
    return sign_in_event(
        SignInAttempt(
            name=name,
            account=account,
            root=True,
            principal_id=account,
            arn=_arn(account),
            user_name="root",
            succeeded=True,
            error=None,
            mfa_serial=None,
            now=utc_now(),
            http=_HERE,
            event_id=str(uuid.uuid4()),
        )
    )


def forget_profile(settings: Settings, key_id: str) -> None:
    """Take a key that is gone out of the credentials file."""
    try:
        if read_credentials(credentials_path(settings), "root").access_key_id == key_id:
            write_credentials(credentials_path(settings), "root", None)
    except CredentialsError:
        return


def _arn(account: str) -> str:
    return f"arn:aws:iam::{account}:root"
