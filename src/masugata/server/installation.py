"""Opening what a data directory holds."""

from itertools import islice
from pathlib import Path

from masugata.errors import MasugataError
from masugata.keeper import (
    ACCESS_KEY_PURPOSE,
    Keeper,
    LocalKeeper,
    SealableKeeper,
    SealBrokenError,
    SealedError,
    default_seal,
    open_keeper,
)
from masugata.keeper.child import make_private_folder, running_keepers
from masugata.keeper.client import RemoteKeeper
from masugata.keeper.seals import Seal, find_seal
from masugata.keeper.secret_file import read_secret
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT
from masugata.records.iam import ACCESS_KEY
from masugata.server.bootstrap import credentials_path
from masugata.server.credentials_file import alone
from masugata.settings import Settings
from masugata.store import Store, holds_store, open_store


def open_installation(
    settings: Settings, *, create: bool, keeper: Path | None = None
) -> tuple[Store, SealableKeeper]:
    """The store and the keeper of a data directory, or of memory if the settings say ephemeral.

    `create` says whether a missing installation may be made. A database without its root key is
    refused, because its secrets would be lost under a new one; so is one with another's root key.
    If the settings name a PostgreSQL database, the directory holds just the root key. The keeper is the one
    that answers at the socket `keeper`, or that the settings name, or else in this process.
    """
    database = settings.data / "masugata.db"
    if settings.ephemeral:
        if not create:
            raise MasugataError("an ephemeral server keeps everything to itself: ask it by its API")
        if database.exists():
            raise MasugataError(
                f"`{settings.data}` holds an installation, whose credentials would be overwritten: "
                "give --ephemeral another --data"
            )
        make_private_folder(settings.data)
        return open_store(None, ALL_KINDS), open_keeper("ephemeral:", create=True)
    address = keeper or settings.keeper_socket
    store, opened = (
        _open_shared(settings, settings.database, create, address)
        if settings.database
        else _open_file(settings, database, create, address)
    )
    try:
        check_root_key(store, opened)
    except BaseException:
        store.close()
        raise
    return store, opened


def _open_file(
    settings: Settings, database: Path, create: bool, address: Path | None
) -> tuple[Store, SealableKeeper]:
    if not create and not database.exists():
        raise MasugataError(f"`{settings.data}` holds no installation: start one with `masugata up`")
    make_private_folder(settings.data)
    if _was_installed(settings) and not holds_store(database):
        raise MasugataError(
            f"the database of `{settings.data}` is gone: restore `{database.name}` from a backup, or remove "
            "`credentials` and the root key too to start anew"
        )
    with alone(settings.data):  # SQLite does not wait while another process turns a new file to WAL
        keeper = keeper_of(settings, address, create=create and not database.exists())
        return open_store(database, ALL_KINDS), keeper


def _open_shared(
    settings: Settings, url: str, create: bool, address: Path | None
) -> tuple[Store, SealableKeeper]:
    """Several nodes share the database; each has a data directory with the same root key."""
    held = holds_store(url)
    if not create and not held:
        raise MasugataError("the database holds no installation: start one with `masugata up`")
    make_private_folder(settings.data)
    if _was_installed(settings) and not held:
        raise MasugataError(
            f"the database of `{settings.data}` is empty: see whether its URL is right, restore it from a "
            "backup, or remove `credentials` and the root key to start anew"
        )
    store = open_store(url, ALL_KINDS)
    try:
        with alone(settings.data):
            empty = not store.snapshot().partitions(ACCOUNT)
            return store, keeper_of(settings, address, create=create and empty)
    except BaseException:
        store.close()
        raise


def keeper_of(settings: Settings, address: Path | None, *, create: bool) -> SealableKeeper:
    """The keeper at a socket, or without one in this process; raises what `open_keeper` raises."""
    if address is None and settings.passphrase_file is None and seal_of(settings).needs_secret:
        running = running_keepers(settings.data)  # of the server that runs, which somebody has unsealed
        address = running[0] if running else None
    if address is None:
        secret = None if settings.passphrase_file is None else read_secret(settings.passphrase_file)
        return open_keeper(settings.seal, create=create, folder=settings.data.absolute(), secret=secret)
    keeper = RemoteKeeper(address)
    keeper.open(create=create)
    return keeper


def _was_installed(settings: Settings) -> bool:
    key_is_here = settings.keeper is None
    return credentials_path(settings).exists() and (not key_is_here or seal_of(settings).exists())


def make_root_keys(settings: Settings, secret: bytes) -> LocalKeeper:
    """Make the root keys of a new installation before it starts; they must not be there yet."""
    make_private_folder(settings.data)
    return open_keeper(settings.seal, create=True, folder=settings.data.absolute(), secret=secret)


def seal_of(settings: Settings) -> Seal:
    """How the root keys are kept here, by the settings or by what the data directory holds."""
    return find_seal(settings.seal or default_seal(settings.data), settings.data)


def is_new(settings: Settings) -> bool:
    """Whether nothing was ever sealed, so that new root keys may be made; a database may have to answer."""
    if settings.database is None:
        return not (settings.data / "masugata.db").exists()
    if not holds_store(settings.database):
        return True
    store = open_store(settings.database, ALL_KINDS)
    try:
        return not store.snapshot().partitions(ACCOUNT)
    finally:
        store.close()


def check_root_key(store: Store, keeper: Keeper) -> None:
    """Raise if none of the first secrets opens: then it is not they that are damaged."""
    records = store.snapshot()
    keys = [
        key
        for account, _ in records.partitions(ACCOUNT)
        for key in islice(records.scan(ACCESS_KEY, account), 8)
    ]
    for key in keys:
        try:
            keeper.unseal(ACCESS_KEY_PURPOSE, key.secret, key.id.encode())
        except SealBrokenError:
            continue
        except SealedError:  # nothing can be said of it before it is unsealed
            return
        return
    if keys:
        raise MasugataError(
            f"the root key that {keeper!r} opens is not the one that this database was sealed with"
        )
