"""Opening what a data directory holds."""

from itertools import islice
from pathlib import Path

from masugata.errors import MasugataError
from masugata.keeper import ACCESS_KEY_PURPOSE, Keeper, SealBrokenError, open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT
from masugata.records.iam import ACCESS_KEY
from masugata.server.bootstrap import credentials_path
from masugata.server.credentials_file import alone
from masugata.settings import Settings
from masugata.store import Store, holds_store, open_store


def open_installation(settings: Settings, *, create: bool) -> tuple[Store, Keeper]:
    """The store and the keeper of a data directory, or of memory if the settings say ephemeral.

    `create` says whether a missing installation may be made. A database without its root key is
    refused, because its secrets would be lost under a new one; so is one with another's root key.
    If the settings name a PostgreSQL database, the directory holds just the root key.
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
        _make_folder(settings.data)
        return open_store(None, ALL_KINDS), open_keeper("ephemeral:", create=True)
    store, keeper = (
        _open_shared(settings, settings.database, create)
        if settings.database
        else _open_file(settings, database, create)
    )
    try:
        _check_root_key(store, keeper, _root_key(settings))
    except BaseException:
        store.close()
        raise
    return store, keeper


def _open_file(settings: Settings, database: Path, create: bool) -> tuple[Store, Keeper]:
    if not create and not database.exists():
        raise MasugataError(f"`{settings.data}` holds no installation: start one with `masugata up`")
    _make_folder(settings.data)
    if _was_installed(settings) and not holds_store(database):
        raise MasugataError(
            f"the database of `{settings.data}` is gone: restore `{database.name}` from a backup, or remove "
            "`credentials` and `root.key` too to start anew"
        )
    with alone(settings.data):  # SQLite does not wait while another process turns a new file to WAL
        keeper = _open_keeper(settings, create=create and not database.exists())
        return open_store(database, ALL_KINDS), keeper


def _open_shared(settings: Settings, url: str, create: bool) -> tuple[Store, Keeper]:
    """Several nodes share the database; each has a data directory with the same root key."""
    held = holds_store(url)
    if not create and not held:
        raise MasugataError("the database holds no installation: start one with `masugata up`")
    _make_folder(settings.data)
    if _was_installed(settings) and not held:
        raise MasugataError(
            f"the database of `{settings.data}` is empty: see whether its URL is right, restore it from a "
            "backup, or remove `credentials` and `root.key` to start anew"
        )
    store = open_store(url, ALL_KINDS)
    try:
        with alone(settings.data):
            return store, _open_keeper(settings, create=create and not store.snapshot().partitions(ACCOUNT))
    except BaseException:
        store.close()
        raise


def _root_key(settings: Settings) -> Path:
    return settings.data / "root.key"


def _open_keeper(settings: Settings, *, create: bool) -> Keeper:
    return open_keeper(f"file:{_root_key(settings).absolute()}", create=create)


def _was_installed(settings: Settings) -> bool:
    return _root_key(settings).exists() and credentials_path(settings).exists()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise MasugataError(f"cannot make the data directory `{folder}`: {error.strerror}") from error


def _check_root_key(store: Store, keeper: Keeper, path: Path) -> None:
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
        return
    if keys:
        raise MasugataError(f"the root key `{path}` is not the one that this database was sealed with")
