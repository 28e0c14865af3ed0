"""The first start, and which account it was once there are several."""

from datetime import UTC, datetime
from os import urandom
from pathlib import Path

import pytest

from masugata.identity.identifiers import unique_id
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import Account
from masugata.records.iam import ACCESS_KEY
from masugata.server import bootstrap, create_account, first_account
from masugata.settings import Settings
from masugata.store import Store, open_store

DAY = datetime(2026, 11, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    """A store without an account."""
    return open_store(None, ALL_KINDS)


def add(store: Store, account_id: str, made: datetime) -> None:
    """Another account."""
    account = Account(id=account_id, root_email=f"{account_id}@example.com", create_date=made)
    store.submit(lambda tx: create_account(tx, account, unique_id("AIDA", urandom))).result()


def test_first_account(store: Store) -> None:
    """It is the oldest, whatever the numbers; none before the first start."""
    assert first_account(store.snapshot()) is None
    add(store, "444455556666", DAY)
    add(store, "111122223333", LATER)
    assert first_account(store.snapshot()) == "444455556666"


def test_marked_account(store: Store, tmp_path: Path) -> None:
    """The first start marks its account, which stays the first even if the clock goes back."""
    keeper = open_keeper("ephemeral:", create=True)
    settings = Settings(data=tmp_path, ephemeral=True, account_id="444455556666")
    made = bootstrap(store, keeper, settings, LATER, urandom)
    assert (made.first, made.name) == (True, "management")
    add(store, "111122223333", DAY)
    assert first_account(store.snapshot()) == "444455556666"
    assert bootstrap(store, keeper, settings, LATER, urandom) == made


def test_account_of_an_older_program(store: Store, tmp_path: Path) -> None:
    """The account of an installation that was made before there was a mark gets it at the next start."""
    keeper = open_keeper("ephemeral:", create=True)
    add(store, "444455556666", DAY)
    settings = Settings(data=tmp_path, ephemeral=True)
    assert bootstrap(store, keeper, settings, LATER, urandom).first
    add(store, "111122223333", DAY - (LATER - DAY))
    assert first_account(store.snapshot()) == "444455556666"


def test_settings_are_about_the_first_account(store: Store, tmp_path: Path) -> None:
    """A later start, with a preset root key, gives it to the account of the first start and to no other."""
    keeper = open_keeper("ephemeral:", create=True)
    settings = Settings(data=tmp_path, ephemeral=True, account_id="444455556666")
    assert bootstrap(store, keeper, settings, DAY, urandom).id == "444455556666"
    add(store, "111122223333", LATER)
    preset = Settings(
        data=tmp_path,
        ephemeral=True,
        root_access_key_id="ROOTROOTROOT",
        root_secret_access_key="a-root-secret-of-tests",
    )
    assert bootstrap(store, keeper, preset, LATER, urandom).id == "444455556666"
    root_keys = {
        account: store.snapshot().referring(ACCESS_KEY, account, "owner", account)
        for account in ("444455556666", "111122223333")
    }
    assert [key.id for key in root_keys["444455556666"]] == ["ROOTROOTROOT"]
    assert root_keys["111122223333"] == []
