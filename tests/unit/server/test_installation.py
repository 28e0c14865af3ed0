"""Opening, and first making, what a data directory holds."""

import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import msgspec
import pytest

from databases import new_database
from masugata.errors import MasugataError
from masugata.keeper import ACCESS_KEY_PURPOSE, RootKeyMissingError, open_keeper
from masugata.records.account import ACCOUNT
from masugata.records.iam import ACCESS_KEY, USER
from masugata.server import CredentialsError, bootstrap, credentials_path, open_installation, read_credentials
from masugata.settings import Settings
from masugata.store import Snapshot, StoreError, StoreUnavailableError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCOUNT_ID = "111122223333"


@pytest.fixture
def settings(tmp_path):
    """Settings of a data directory that is not there yet."""
    return Settings(data=tmp_path / "data")


def start(settings, *, create=True):
    """Open and make ready; gives the account."""
    store, keeper = open_installation(settings, create=create)
    try:
        return bootstrap(store, keeper, settings, NOW, os.urandom)
    finally:
        store.close()


def opens(settings):
    """Whether the administrator's key in the file is the one in the database."""
    store, keeper = open_installation(settings, create=False)
    try:
        key = read_credentials(credentials_path(settings), "admin")
        found = store.snapshot().get(ACCESS_KEY, ACCOUNT_ID, key.access_key_id)
        if found is None:
            return False
        secret = keeper.unseal(ACCESS_KEY_PURPOSE, found.secret, found.id.encode())
        return secret.decode() == key.secret_access_key and found.active
    finally:
        store.close()


def test_first_start(settings):
    """The first start makes a private folder, an account, and an administrator with the key in the file."""
    account = start(settings)
    assert (account.id, account.root_email) == (ACCOUNT_ID, "root@example.com")
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    for name in ("credentials", "root.key", "masugata.db"):
        assert stat.S_IMODE((settings.data / name).stat().st_mode) == 0o600, name
    assert opens(settings)
    store, _ = open_installation(settings, create=False)
    try:
        assert store.snapshot().referring(ACCESS_KEY, ACCOUNT_ID, "owner", ACCOUNT_ID) == []
    finally:
        store.close()


def test_second_start(settings):
    """Another start changes neither the account, whatever the settings say now, nor the credentials."""
    start(settings)
    before = credentials_path(settings).read_bytes()
    other = Settings(data=settings.data, account_id="999999999999", root_email="other@example.com")
    account = start(other)
    assert (account.id, account.root_email) == (ACCOUNT_ID, "root@example.com")
    assert credentials_path(settings).read_bytes() == before


def test_crash_between_credentials_and_account(settings, monkeypatch):
    """A crash after the file was written leaves no account; the next start makes both again."""
    store, keeper = open_installation(settings, create=True)
    with monkeypatch.context() as patch:
        patch.setattr(store, "submit", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bootstrap(store, keeper, settings, NOW, os.urandom)
    store.close()
    first = read_credentials(credentials_path(settings), "admin")
    assert not opens(settings)
    start(settings)
    assert opens(settings)
    assert read_credentials(credentials_path(settings), "admin") != first


def test_crash_before_the_database(settings):
    """A root key that was made before the crash is used by the next start."""
    settings.data.mkdir()
    open_keeper(f"file:{settings.data / 'root.key'}", create=True)
    before = (settings.data / "root.key").read_bytes()
    start(settings)
    assert (settings.data / "root.key").read_bytes() == before
    assert opens(settings)


def test_first_starts_at_once(settings):
    """Of several first starts one makes the account, and its administrator's key is the one in the file."""
    barrier = Barrier(4)

    def race(_):
        barrier.wait()
        return start(settings)

    with ThreadPoolExecutor(4) as pool:
        accounts = list(pool.map(race, range(4)))
    assert {account.id for account in accounts} == {ACCOUNT_ID}
    assert opens(settings)
    store, _ = open_installation(settings, create=False)
    try:
        assert store.snapshot().count(ACCESS_KEY, ACCOUNT_ID) == 1
        assert store.snapshot().count(USER, ACCOUNT_ID) == 1
    finally:
        store.close()


def test_damaged_credentials_file_stops_the_first_start(settings):
    """A file of that name that is none of ours is not overwritten, and no account is made."""
    settings.data.mkdir()
    credentials_path(settings).write_text("my notes")
    with pytest.raises(MasugataError, match="not in the format"):
        start(settings)
    store, _ = open_installation(settings, create=False)
    assert store.snapshot().partitions(ACCOUNT) == []
    store.close()
    assert credentials_path(settings).read_text() == "my notes"


def test_root_key_is_missing(settings):
    """A database without its root key is refused, and no new key is made."""
    start(settings)
    (settings.data / "root.key").rename(settings.data / "elsewhere")
    for create in (True, False):
        with pytest.raises(RootKeyMissingError, match=r"root\.key` is missing"):
            open_installation(settings, create=create)
    assert not (settings.data / "root.key").exists()
    (settings.data / "elsewhere").rename(settings.data / "root.key")
    assert opens(settings)


def test_root_key_of_another_installation(settings):
    """A sound root key that opens nothing of this database is refused."""
    start(settings)
    (settings.data / "root.key").unlink()
    open_keeper(f"file:{settings.data / 'root.key'}", create=True)
    with pytest.raises(MasugataError, match="not the one that this database was sealed with"):
        open_installation(settings, create=True)


def test_one_damaged_secret(settings):
    """One secret that does not open is that key's matter and does not keep the server from starting."""
    start(settings)
    store, _ = open_installation(settings, create=False)

    def damage(transaction):
        (key,) = transaction.scan(ACCESS_KEY, ACCOUNT_ID)
        transaction.put(
            ACCESS_KEY, ACCOUNT_ID, msgspec.structs.replace(key, id="AKIA2")
        )  # sealed for another

    store.submit(damage).result()
    store.close()
    start(settings)


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_damaged_database(settings, content):
    """A file that is no database, or a broken one, is refused and left as it is."""
    start(settings)
    for leftover in settings.data.glob("masugata.db-*"):
        leftover.unlink()
    (settings.data / "masugata.db").write_bytes(content)
    with pytest.raises(StoreError, match="database"):
        open_installation(settings, create=True)
    assert (settings.data / "masugata.db").read_bytes() == content


def test_nothing_there(settings):
    """Who may not make an installation is told that there is none, and leaves no folder behind."""
    with pytest.raises(MasugataError, match="holds no installation"):
        open_installation(settings, create=False)
    assert not settings.data.exists()


@pytest.mark.parametrize("ephemeral", [False, True])
def test_folder_that_cannot_be_made(tmp_path, ephemeral):
    """A data directory under a file is an error in words."""
    (tmp_path / "file").write_text("")
    with pytest.raises(MasugataError, match="cannot make the data directory"):
        open_installation(Settings(data=tmp_path / "file" / "data", ephemeral=ephemeral), create=True)
    with pytest.raises(MasugataError, match="cannot make the data directory"):
        open_installation(Settings(data=tmp_path / "file", ephemeral=ephemeral), create=True)


def test_folder_that_anybody_can_write_in(settings):
    """A folder in which others could exchange the database is refused."""
    settings.data.mkdir()
    settings.data.chmod(0o777)
    with pytest.raises(StoreUnavailableError, match="anybody can write"):
        open_installation(settings, create=True)


def test_ephemeral(settings):
    """What is ephemeral writes credentials and nothing else."""
    start(Settings(data=settings.data, ephemeral=True))
    assert [entry.name for entry in settings.data.iterdir()] == ["credentials"]
    with pytest.raises(MasugataError, match="keeps everything to itself"):
        open_installation(Settings(data=settings.data, ephemeral=True), create=False)


def test_ephemeral_beside_a_database(settings):
    """An ephemeral start in an installation's folder is refused: it would overwrite the credentials."""
    start(settings)
    with pytest.raises(MasugataError, match="holds an installation"):
        start(Settings(data=settings.data, ephemeral=True))
    assert opens(settings)


@pytest.fixture
def database(request, tmp_path):
    """An empty PostgreSQL database."""
    return new_database("postgres", request, tmp_path)


@pytest.fixture
def shared(database, tmp_path):
    """Settings of two nodes with data directories of their own and one database."""
    return [Settings(data=tmp_path / name, database=database.place) for name in ("one", "two")]


def copy_root_key(here, there):
    """What an operator does for each further node."""
    there.data.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(here.data / "root.key", there.data)


def test_node_with_the_same_root_key(shared):
    """A second node with the first one's root key finds the installation, and makes no credentials."""
    first, second = shared
    assert start(first).id == ACCOUNT_ID
    assert opens(first)
    assert not (first.data / "masugata.db").exists()
    copy_root_key(first, second)
    assert start(second) == start(first)
    assert not credentials_path(second).exists()


def test_node_without_the_root_key(shared):
    """A node that lacks the root key is refused, and makes none of its own."""
    first, second = shared
    start(first)
    with pytest.raises(RootKeyMissingError, match=r"root\.key` is missing"):
        start(second)
    assert not (second.data / "root.key").exists()


def test_node_with_another_root_key(shared):
    """A node with the root key of another installation is refused."""
    first, second = shared
    start(first)
    second.data.mkdir(mode=0o700)
    open_keeper(f"file:{second.data / 'root.key'}", create=True)
    with pytest.raises(MasugataError, match="not the one that this database was sealed with"):
        start(second)


def test_empty_database_behind_an_installation(shared, database):
    """A node that was there before does not take an emptied, or a wrong, database for a first start."""
    first, _ = shared
    start(first)
    database.edit("DROP SCHEMA masugata CASCADE")
    with pytest.raises(MasugataError, match="is empty: see whether its URL is right"):
        start(first)
    assert database.edit("SELECT to_regnamespace('masugata')") == [(None,)]


def test_database_that_holds_nothing(shared):
    """Who may not make an installation is told that there is none, and makes neither folder nor tables."""
    settings = shared[0]
    for _ in range(2):
        with pytest.raises(MasugataError, match="holds no installation"):
            open_installation(settings, create=False)
    assert not settings.data.exists()


def test_first_starts_of_two_nodes_at_once(shared):
    """The node that was slower says so and keeps no credentials; the next time it needs the root key."""
    first, second = shared
    stores = [open_installation(settings, create=True) for settings in shared]
    assert bootstrap(*stores[0], first, NOW, os.urandom).id == ACCOUNT_ID
    snapshot = stores[1][0].snapshot
    stores[1][0].snapshot = Snapshot  # as it was before the first was done
    with pytest.raises(MasugataError, match="at the same moment: start again"):
        bootstrap(*stores[1], second, NOW, os.urandom)
    stores[1][0].snapshot = snapshot
    for store, _ in stores:
        store.close()
    with pytest.raises(CredentialsError):
        read_credentials(credentials_path(second), "admin")
    with pytest.raises(MasugataError, match="not the one that this database was sealed with"):
        start(second)
    copy_root_key(first, second)
    assert start(second).id == ACCOUNT_ID
    assert opens(first)
