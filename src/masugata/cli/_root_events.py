"""What is done as the root user on this machine, and its events."""

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import click

from masugata.errors import MasugataError
from masugata.identity.caller import Caller, CallerKind
from masugata.records.account import ACCOUNT
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
Command = TypeVar("Command", bound=Callable[..., Any])

_HERE = HttpRequest(method="", path="", headers=(("user-agent", "masugata root"),))


def account_option(command: Command) -> Command:
    """The option `--account`, as `root_account` takes it."""
    option = click.option(
        "--account", metavar="ID|ALIAS|EMAIL", help="Whose root user. [default: the first account's]"
    )
    return option(command)


def root_account(store: Store, named: str | None) -> str:
    """The account whose root user it is: the first one, or another by its id, alias or e-mail address.

    Raises `MasugataError` if there is none, or if it is closed.
    """
    records = store.snapshot()
    first = first_account(records)
    if first is None:
        raise MasugataError("the installation has no account yet: start it once with `masugata up`")
    if named is None:
        return first
    found = records.by_name(ACCOUNT, "alias", named) or records.by_name(ACCOUNT, "email", named.lower())
    account = records.get(ACCOUNT, named, named) if found is None else found[2]
    if account is None:
        raise MasugataError(
            f"the installation has no account `{named}`: give its id, alias or e-mail address"
        )
    if not account.active:
        raise MasugataError(f"the account {account.id} is closed")
    return account.id


def root_profile(store: Store, account: str) -> str:
    """The profile that keeps a root user's access key: `root`, and `root-ID` of all but the first account."""
    return "root" if account == first_account(store.snapshot()) else f"root-{account}"


def sign_in_command(store: Store, account: str) -> str:
    """How one signs in as this root user."""
    record = store.snapshot().get(ACCOUNT, account, account)
    first = account == first_account(store.snapshot())
    return "masugata login --root" + ("" if first or record is None else f" --email {record.root_email}")


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


def forget_profile(settings: Settings, profile: str, key_id: str) -> None:
    """Take a key that is gone out of the credentials file."""
    try:
        if read_credentials(credentials_path(settings), profile).access_key_id == key_id:
            write_credentials(credentials_path(settings), profile, None)
    except CredentialsError:
        return


def _arn(account: str) -> str:
    return f"arn:aws:iam::{account}:root"
