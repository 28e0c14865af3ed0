"""The first start: an account, its root user, and an administrator to begin with."""

import hmac
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from masugata.errors import MasugataError
from masugata.identity.first_account import first_account
from masugata.identity.identifiers import access_key_id, secret_access_key, unique_id
from masugata.keeper import ACCESS_KEY_PURPOSE, Keeper, SealedError
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ACCESS_KEY, USER, AccessKey, User
from masugata.server.credentials_file import Credentials, alone, write_credentials_alone
from masugata.settings import Settings, SettingsError
from masugata.store import Store, Transaction

ADMINISTRATOR = "admin"
_NAME = "management"  # of the first account, as an organization shows it
ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"


def credentials_path(settings: Settings) -> Path:
    """Where this installation's credentials file is."""
    return settings.data / "credentials"


def bootstrap(
    store: Store, keeper: Keeper, settings: Settings, now: datetime, random: Callable[[int], bytes]
) -> Account:
    """Make the account and its administrator if there are none yet; returns the account.

    The root user has no access keys unless the settings preset one. The credentials file is written
    before the commit: a crash in between leaves keys that open nothing, never an account that
    nobody can enter. While the keeper is sealed, what needs it waits for the next call; without an account
    that is everything, so then it raises `SealedError`.
    """
    now = now.replace(microsecond=0)
    with alone(settings.data):  # or two first starts at once would overwrite each other's credentials file
        account_id = first_account(store.snapshot())
        if account_id is None:
            if keeper.sealed:
                raise SealedError
            account_id = settings.account_id
            key = Credentials(access_key_id("AKIA", settings.account_id, random), secret_access_key(random))
            write_credentials_alone(credentials_path(settings), ADMINISTRATOR, key)
            if not store.submit(lambda tx: _create(tx, keeper, settings, now, random, key)).result():
                write_credentials_alone(credentials_path(settings), ADMINISTRATOR, None)
                raise MasugataError("another node made this installation at the same moment: start again")
    store.submit(lambda tx: _mark_first(tx, account_id)).result()
    if not keeper.sealed:
        store.submit(lambda tx: _preset_root_key(tx, keeper, settings, account_id, now)).result()
    account = store.snapshot().get(ACCOUNT, account_id, account_id)
    if account is None:
        raise RuntimeError(f"the account `{account_id}` was created and is not there")
    return account


def _mark_first(transaction: Transaction, account_id: str) -> None:
    """Mark the account, once; that also writes the names which accounts did not always have."""
    account = transaction.get(ACCOUNT, account_id, account_id)
    if account is not None and not account.first:
        transaction.put(ACCOUNT, account_id, msgspec.structs.replace(account, first=True))


def create_account(transaction: Transaction, account: Account, administrator_id: str) -> User:
    """Store a new account and its administrator, who has no access key yet; returns the administrator."""
    administrator = User(
        name=ADMINISTRATOR,
        id=administrator_id,
        create_date=account.create_date,
        attached_policies=(ADMINISTRATOR_ACCESS,),
    )
    transaction.put(ACCOUNT, account.id, account)
    transaction.put(USER, account.id, administrator)
    return administrator


def _create(
    transaction: Transaction,
    keeper: Keeper,
    settings: Settings,
    now: datetime,
    random: Callable[[int], bytes],
    key: Credentials,
) -> bool:
    """Whether there was no account yet; a node with another data directory may have been faster."""
    account_id = settings.account_id
    if transaction.partitions(ACCOUNT):
        return False
    account = Account(id=account_id, root_email=settings.root_email, create_date=now, name=_NAME, first=True)
    admin = create_account(transaction, account, unique_id("AIDA", random))
    transaction.put(ACCESS_KEY, account_id, sealed_key(keeper, key, admin.id, now))
    return True


def _preset_root_key(
    transaction: Transaction, keeper: Keeper, settings: Settings, account_id: str, now: datetime
) -> None:
    """A root key given in the settings is a root key, until they name another or none.

    It stays deactivated if somebody deactivated it; a new secret makes it a new key.
    """
    for key in transaction.referring(ACCESS_KEY, account_id, "owner", account_id):
        if key.preset and key.id != settings.root_access_key_id:
            transaction.delete(ACCESS_KEY, account_id, key.id)
    if settings.root_access_key_id is None or settings.root_secret_access_key is None:
        return
    preset = Credentials(settings.root_access_key_id, settings.root_secret_access_key)
    existing = transaction.get(ACCESS_KEY, account_id, preset.access_key_id)
    if existing is not None and existing.owner_id != account_id:
        raise SettingsError(f"root_access_key_id `{existing.id}` is the access key of an IAM user already")
    if existing is not None:
        secret = keeper.unseal(ACCESS_KEY_PURPOSE, existing.secret, existing.id.encode())
        if hmac.compare_digest(secret, preset.secret_access_key.encode()):
            return
    transaction.put(ACCESS_KEY, account_id, sealed_key(keeper, preset, account_id, now, preset=True))


def sealed_key(
    keeper: Keeper, key: Credentials, owner_id: str, now: datetime, *, preset: bool = False
) -> AccessKey:
    """The record of a new access key; its secret is sealed under the key id."""
    return AccessKey(
        id=key.access_key_id,
        owner_id=owner_id,
        create_date=now,
        preset=preset,
        secret=keeper.seal(ACCESS_KEY_PURPOSE, key.secret_access_key.encode(), key.access_key_id.encode()),
    )
