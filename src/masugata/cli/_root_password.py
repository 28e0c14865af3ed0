"""`masugata root set-password` and `reset`: the root user's password, and the way back when all is lost.

Only on this machine: whoever can read the data directory already holds the installation.
"""

import os
from pathlib import Path

import click
import msgspec
import orjson

from masugata.cli._options import data_option, json_option, settings_from
from masugata.cli._passwords import Passwords, stdin_option
from masugata.cli._root_events import (
    account_option,
    forget_profile,
    password_event,
    root_account,
    root_event,
    root_profile,
    sign_in_command,
)
from masugata.errors import AwsError, MasugataError
from masugata.identity.attempts import forget_failures, limits
from masugata.identity.login_profiles import changed_profile, new_profile, signed_out
from masugata.identity.mfa import devices_of, serial_number
from masugata.identity.password_rules import check_password
from masugata.identity.passwords import Candidate, open_hashes
from masugata.identity.sign_in import check_characters, root_who
from masugata.keeper import Keeper
from masugata.records.account import ACCOUNT
from masugata.records.iam import ACCESS_KEY, LOGIN_PROFILE, MFA_DEVICE
from masugata.server import open_installation, utc_now
from masugata.store import Store, Transaction


@click.command(epilog="Example: masugata root set-password")
@account_option
@data_option
@stdin_option
@json_option
def set_password(account: str | None, data: Path | None, from_stdin: bool, as_json: bool) -> None:
    """Set the root user's password; sessions that were signed in with another one end."""
    store, keeper = open_installation(settings_from({"data": data}), create=False)
    try:
        owner = root_account(store, account)
        password = _new_password(store, owner, from_stdin=from_stdin)

        def job(transaction: Transaction) -> None:
            _set(transaction, keeper, owner, password)
            transaction.emit(password_event(owner, "PasswordUpdated"))

        store.submit(job).result()
        devices = devices_of(store.snapshot(), owner, owner)
        command = sign_in_command(store, owner)
    finally:
        store.close()
    if as_json:
        click.echo(orjson.dumps({"account": owner, "password": True, "mfa": bool(devices)}).decode())
        return
    click.echo(f"The root user of account {owner} has a new password: `{command}`.")
    if not devices:
        click.echo("It has no MFA device: register one, and use the root user for nothing else.")


@click.command(epilog="Example: masugata root reset --set-password")
@account_option
@data_option
@click.option("--set-password", "ask", is_flag=True, help="Set a new password at once.")
@stdin_option
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@json_option
def reset(account: str | None, data: Path | None, ask: bool, from_stdin: bool, **flags: bool) -> None:
    """Take the root user's password, MFA devices, access keys and sessions away.

    For a root user whose credentials are lost or in wrong hands. A key that the settings preset is
    deactivated, because the next start would make it again.
    """
    if from_stdin and not flags["yes"]:
        raise click.UsageError("standard input holds the password, so say --yes too")
    settings = settings_from({"data": data})
    store, keeper = open_installation(settings, create=False)
    try:
        owner = root_account(store, account)
        if not flags["yes"]:
            click.confirm(
                f"Remove all credentials of the root user of account {owner}?", abort=True, err=True
            )
        password = _new_password(store, owner, from_stdin=from_stdin) if ask or from_stdin else None
        done = store.submit(lambda transaction: _reset(transaction, keeper, owner, password)).result()
        command = sign_in_command(store, owner)
        for key_id in done["deletedAccessKeys"]:
            forget_profile(settings, root_profile(store, owner), key_id)
    finally:
        store.close()
    click.echo(orjson.dumps(done).decode() if flags["as_json"] else _told(owner, done, command))


def _new_password(store: Store, account: str, *, from_stdin: bool) -> Candidate:
    """Ask for a password that the root user may have, and hash it."""
    records = store.snapshot()
    password = Passwords(from_stdin=from_stdin).new("New password of the root user")
    try:
        check_characters(password)
        check_password(password, None, account, records)
    except AwsError:
        raise MasugataError(
            "the root user's password has 8 to 128 characters of at least three of the sorts A-Z, a-z, 0-9 "
            "and symbols, and is neither its e-mail address nor the account's alias"
        ) from None
    return Candidate(password, (), os.urandom)


def _set(transaction: Transaction, keeper: Keeper, account: str, password: Candidate) -> None:
    now, profile = utc_now(), transaction.get(LOGIN_PROFILE, account, account)
    if profile is None:
        profile = new_profile(account, password, keeper, now, os.urandom)
    else:
        digests = open_hashes(profile.hashes, account, keeper)
        profile = signed_out(changed_profile(profile, password, digests, keeper, now), os.urandom)
    transaction.put(LOGIN_PROFILE, account, profile)
    record = transaction.get(ACCOUNT, account, account)
    if record is not None:  # who can do this need not wait for what strangers guessed
        forget_failures(transaction, limits(root_who(record.root_email), "")[0])


def _reset(
    transaction: Transaction, keeper: Keeper, account: str, password: Candidate | None
) -> dict[str, list[str]]:
    """Everything in one transaction, each part with its event; returns what was done."""
    # Also where nothing but sessions is left to end.
    transaction.emit(password_event(account, "PasswordRecoveryRequested"))
    parts = ("deletedAccessKeys", "deactivatedAccessKeys", "deletedMFADevices")
    done: dict[str, list[str]] = {part: [] for part in parts}
    for key in transaction.referring(ACCESS_KEY, account, "owner", account):
        request = {"AccessKeyId": key.id}
        resources = (("AWS::IAM::AccessKey", key.id),)
        if key.preset:
            transaction.put(ACCESS_KEY, account, msgspec.structs.replace(key, active=False))
            done["deactivatedAccessKeys"].append(key.id)
            event = root_event(
                account, "UpdateAccessKey", {**request, "Status": "Inactive"}, resources=resources
            )
        else:
            transaction.delete(ACCESS_KEY, account, key.id)
            done["deletedAccessKeys"].append(key.id)
            event = root_event(account, "DeleteAccessKey", request, resources=resources)
        transaction.emit(event)
    for device in devices_of(transaction, account, account):
        serial = serial_number(transaction, account, device)
        transaction.delete(MFA_DEVICE, account, MFA_DEVICE.key(device))
        done["deletedMFADevices"].append(serial)
        for operation in ("DeactivateMFADevice", "DeleteVirtualMFADevice"):
            transaction.emit(root_event(account, operation, {"SerialNumber": serial}))
    done["password"] = _replace_password(transaction, keeper, account, password)
    record = transaction.get(ACCOUNT, account, account)
    if record is not None:
        ended = msgspec.structs.replace(record, root_reset=int(utc_now().timestamp()))
        transaction.put(ACCOUNT, account, ended)
    return done


def _replace_password(
    transaction: Transaction, keeper: Keeper, account: str, password: Candidate | None
) -> list[str]:
    changes = []
    if transaction.get(LOGIN_PROFILE, account, account) is not None:
        transaction.delete(LOGIN_PROFILE, account, account)
        transaction.emit(root_event(account, "DeleteLoginProfile", {}))
        changes.append("deleted")
    if password is not None:
        _set(transaction, keeper, account, password)
        transaction.emit(password_event(account, "PasswordRecoveryCompleted"))
        changes.append("set")
    return changes


def _told(account: str, done: dict[str, list[str]], command: str) -> str:
    lines = [f"The root user of account {account} was reset; its sessions are over."]
    lines += [f"  deleted access key {key}" for key in done["deletedAccessKeys"]]
    lines += [
        f"  deactivated access key {key}, which the settings preset: take it out of them"
        for key in done["deactivatedAccessKeys"]
    ]
    lines += [f"  deleted MFA device {serial}" for serial in done["deletedMFADevices"]]
    if "deleted" in done["password"]:
        lines.append("  deleted its password")
    if "set" in done["password"]:
        lines.append(f"  set its new password: sign in with `{command}`")
    return "\n".join(lines)
