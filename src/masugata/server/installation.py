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
from masugata.store import Store, open_store


def open_installation(settings: Settings, *, create: bool) -> tuple[Store, Keeper]:
    """The store and the keeper of a data directory, or of memory if the settings say ephemeral.

    `create` says whether a missing installation may be made. A database without its root key is
    refused, because its secrets would be lost under a new one; so is one with another's root key.
    """
    database, root_key = settings.data / "masugata.db", settings.data / "root.key"
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
    if not create and not database.exists():
        raise MasugataError(f"`{settings.data}` holds no installation: start one with `masugata up`")
    _make_folder(settings.data)
    if root_key.exists() and credentials_path(settings).exists() and _is_empty(database):
        raise MasugataError(
            f"the database of `{settings.data}` is gone: restore `{database.name}` from a backup, or remove "
            "`credentials` and `root.key` too to start anew"
        )
    with alone(settings.data):  # SQLite does not wait while another process turns a new file to WAL
        keeper = open_keeper(f"file:{root_key.absolute()}", create=create and not database.exists())
        store = open_store(database, ALL_KINDS)
    try:
        _check_root_key(store, keeper, root_key)
    except BaseException:
        store.close()
        raise
    return store, keeper


def _is_empty(database: Path) -> bool:
    return not database.exists() or database.stat().st_size == 0


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
