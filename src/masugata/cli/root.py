"""`masugata root`: the root user's access keys; its password is in `_root_password`.

Whoever can read the data directory already holds the installation, so these verbs need no
signature; each use is recorded as the root user's.
"""

import os
from pathlib import Path

import click
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._root_events import (
    account_option,
    forget_profile,
    recorded,
    root_account,
    root_profile,
)
from masugata.cli._root_password import reset, set_password
from masugata.errors import MasugataError
from masugata.identity.identifiers import access_key_id, secret_access_key
from masugata.records.iam import ACCESS_KEY
from masugata.server import (
    Credentials,
    credentials_path,
    open_installation,
    sealed_key,
    utc_now,
    write_credentials,
)
from masugata.store import Transaction

_MOST_KEYS = 2


@click.group()
def root() -> None:
    """Manage the root user's credentials, on this machine only."""


root.add_command(set_password)
root.add_command(reset)


@root.command("list", epilog="Example: masugata root list")
@account_option
@data_option
@json_option
def list_keys(account: str | None, data: Path | None, as_json: bool) -> None:
    """List the root user's access keys; none is best."""
    settings = settings_from({"data": data})
    store, _ = open_installation(settings, create=False)
    try:
        owner = root_account(store, account)
        keys = store.snapshot().referring(ACCESS_KEY, owner, "owner", owner)
    finally:
        store.close()
    if as_json:
        click.echo(orjson.dumps([{"id": key.id, "active": key.active} for key in keys]).decode())
        return
    click.echo(f"root user of account {owner}: {len(keys)} access keys")
    for key in keys:
        click.echo(f"  {key.id}  {'active' if key.active else 'inactive'}  since {key.create_date:%Y-%m-%d}")


@root.command("create-access-key", epilog="Example: masugata root create-access-key")
@account_option
@data_option
@json_option
def create_access_key(account: str | None, data: Path | None, as_json: bool) -> None:
    """Make an access key for the root user, and keep it as the profile `root`.

    That of another account than the first is kept as the profile `root-ID`.
    """
    settings = settings_from({"data": data})
    store, keeper = open_installation(settings, create=False)
    try:
        owner = root_account(store, account)
        profile = root_profile(store, owner)
        key = Credentials(access_key_id("AKIA", owner, os.urandom), secret_access_key(os.urandom))

        def create(transaction: Transaction) -> None:
            if len(transaction.referring(ACCESS_KEY, owner, "owner", owner)) >= _MOST_KEYS:
                raise MasugataError(f"the root user has {_MOST_KEYS} access keys already: delete one first")
            now = utc_now().replace(microsecond=0)
            transaction.put(ACCESS_KEY, owner, sealed_key(keeper, key, owner, now))
            # Before the commit, so that no key exists whose secret nobody has.
            write_credentials(credentials_path(settings), profile, key)

        recorded(store, owner, "CreateAccessKey", key.access_key_id, create)
    finally:
        store.close()
    if as_json:
        click.echo(orjson.dumps({"id": key.access_key_id, "profile": profile}).decode())
        return
    click.echo(
        f"Made {key.access_key_id}; its secret is in {credentials_path(settings)}, profile `{profile}`."
    )
    click.echo("AWS advises to keep no root access key: delete it when you are done.")


@root.command("delete-access-key", epilog="Example: masugata root delete-access-key AKIA…")
@click.argument("key_id")
@account_option
@data_option
@json_option
def delete_access_key(key_id: str, account: str | None, data: Path | None, as_json: bool) -> None:
    """Delete one of the root user's access keys; the next call with it is refused."""
    settings = settings_from({"data": data})
    store, _ = open_installation(settings, create=False)
    try:
        owner = root_account(store, account)

        def delete(transaction: Transaction) -> None:
            key = transaction.get(ACCESS_KEY, owner, key_id)
            if key is None or key.owner_id != owner:
                raise MasugataError(f"the root user of account {owner} has no access key `{key_id}`")
            transaction.delete(ACCESS_KEY, owner, key_id)

        recorded(store, owner, "DeleteAccessKey", key_id, delete)
        forget_profile(settings, root_profile(store, owner), key_id)
    finally:
        store.close()
    click.echo(orjson.dumps({"deleted": key_id}).decode() if as_json else f"Deleted {key_id}.")
