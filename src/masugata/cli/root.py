"""`masugata root`: the root user's access keys.

Whoever can read the data directory already holds the installation, so these verbs need no
signature; each use is recorded as the root user's.
"""

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.errors import MasugataError
from masugata.identity.caller import Caller, CallerKind
from masugata.identity.identifiers import access_key_id, secret_access_key
from masugata.records.iam import ACCESS_KEY
from masugata.server import (
    Credentials,
    CredentialsError,
    credentials_path,
    first_account,
    open_installation,
    read_credentials,
    sealed_key,
    utc_now,
    write_credentials,
)
from masugata.settings import Settings
from masugata.store import Store, Transaction
from masugata.trail import RecordedCall, cloudtrail_event
from masugata.wire import HttpRequest

T = TypeVar("T")

_MOST_KEYS = 2


@click.group()
def root() -> None:
    """Manage the root user's access keys, on this machine only."""


@root.command("list", epilog="Example: masugata root list")
@data_option
@json_option
def list_keys(data: Path | None, as_json: bool) -> None:
    """List the root user's access keys; none is best."""
    settings = settings_from({"data": data})
    store, _ = open_installation(settings, create=False)
    try:
        account = _account(store)
        keys = store.snapshot().referring(ACCESS_KEY, account, "owner", account)
    finally:
        store.close()
    if as_json:
        click.echo(orjson.dumps([{"id": key.id, "active": key.active} for key in keys]).decode())
        return
    click.echo(f"root user of account {account}: {len(keys)} access keys")
    for key in keys:
        click.echo(f"  {key.id}  {'active' if key.active else 'inactive'}  since {key.create_date:%Y-%m-%d}")


@root.command("create-access-key", epilog="Example: masugata root create-access-key")
@data_option
@json_option
def create_access_key(data: Path | None, as_json: bool) -> None:
    """Make an access key for the root user, and keep it as the profile `root`."""
    settings = settings_from({"data": data})
    store, keeper = open_installation(settings, create=False)
    try:
        account = _account(store)
        key = Credentials(access_key_id("AKIA", account, os.urandom), secret_access_key(os.urandom))

        def create(transaction: Transaction) -> None:
            if len(transaction.referring(ACCESS_KEY, account, "owner", account)) >= _MOST_KEYS:
                raise MasugataError(f"the root user has {_MOST_KEYS} access keys already: delete one first")
            now = utc_now().replace(microsecond=0)
            transaction.put(ACCESS_KEY, account, sealed_key(keeper, key, account, now))
            # Before the commit, so that no key exists whose secret nobody has.
            write_credentials(credentials_path(settings), "root", key)

        _recorded(store, account, "CreateAccessKey", key.access_key_id, create)
    finally:
        store.close()
    if as_json:
        click.echo(orjson.dumps({"id": key.access_key_id, "profile": "root"}).decode())
        return
    click.echo(f"Made {key.access_key_id}; its secret is in {credentials_path(settings)}, profile `root`.")
    click.echo("AWS advises to keep no root access key: delete it when you are done.")


@root.command("delete-access-key", epilog="Example: masugata root delete-access-key AKIA…")
@click.argument("key_id")
@data_option
@json_option
def delete_access_key(key_id: str, data: Path | None, as_json: bool) -> None:
    """Delete one of the root user's access keys; the next call with it is refused."""
    settings = settings_from({"data": data})
    store, _ = open_installation(settings, create=False)
    try:
        account = _account(store)

        def delete(transaction: Transaction) -> None:
            key = transaction.get(ACCESS_KEY, account, key_id)
            if key is None or key.owner_id != account:
                raise MasugataError(f"the root user of account {account} has no access key `{key_id}`")
            transaction.delete(ACCESS_KEY, account, key_id)

        _recorded(store, account, "DeleteAccessKey", key_id, delete)
        _forget_profile(settings, key_id)
    finally:
        store.close()
    click.echo(orjson.dumps({"deleted": key_id}).decode() if as_json else f"Deleted {key_id}.")


def _account(store: Store) -> str:
    account = first_account(store.snapshot())
    if account is None:
        raise MasugataError("the installation has no account yet: start it once with `masugata up`")
    return account


def _forget_profile(settings: Settings, key_id: str) -> None:
    try:
        if read_credentials(credentials_path(settings), "root").access_key_id == key_id:
            write_credentials(credentials_path(settings), "root", None)
    except CredentialsError:
        return


def _recorded(store: Store, account: str, operation: str, key_id: str, job: Callable[[Transaction], T]) -> T:
    """Do `job` and record it, in one transaction, as done by the root user on this machine."""
    arn = f"arn:aws:iam::{account}:root"
    event = cloudtrail_event(
        RecordedCall(
            service="iam",
            operation=operation,
            caller=Caller(kind=CallerKind.ROOT, account=account, arn=arn, user_id=account, access_key_id=""),
            region="us-east-1",
            now=utc_now(),
            http=HttpRequest(method="", path="", headers=(("user-agent", "masugata root"),)),
            request_id=str(uuid.uuid4()),
            event_id=str(uuid.uuid4()),
            read_only=False,
            request={"AccessKeyId": key_id},
            resources=(("AWS::IAM::AccessKey", key_id),),
        )
    )

    def run(transaction: Transaction) -> T:
        result = job(transaction)
        transaction.emit(event)
        return result

    return store.submit(run).result()
