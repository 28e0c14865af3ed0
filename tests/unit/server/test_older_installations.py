"""Installations that an older program made: they open and work, and nothing is missing afterwards."""

from datetime import UTC, datetime
from os import urandom
from pathlib import Path
from typing import Any

import msgspec
import pytest

from databases import new_database
from masugata.identity.identifiers import unique_id
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import IAM_KINDS, USER, User
from masugata.records.kind import Kind
from masugata.server import bootstrap, first_account
from masugata.settings import Settings
from masugata.store import DuplicateNameError, Store, open_store

ID, EMAIL = "444455556666", "Root@Example.com"
DAY = datetime(2026, 11, 1, tzinfo=UTC)


class OldAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An account as it was before there were organizations."""

    version: int = 1
    id: str
    partition: str = "aws"
    root_email: str
    create_date: datetime
    alias: str | None = None
    root_reset: int = 0


OLD_ACCOUNT = Kind(
    "account",
    "account",
    OldAccount,
    key=lambda a: a.id,
    names=lambda a: [("alias", a.alias)] if a.alias else (),
    references=lambda _: (),
)


def fill(store: Store) -> None:
    """What an older program kept of its account."""

    def put(transaction: Any) -> None:
        account = OldAccount(id=ID, root_email=EMAIL, create_date=DAY, alias="shop")
        transaction.put(OLD_ACCOUNT, ID, account)
        admin = User(name="admin", id=unique_id("AIDA", urandom), create_date=DAY)
        transaction.put(USER, ID, admin)

    store.submit(put).result()
    store.close()


@pytest.mark.parametrize("sort", ["sqlite", "postgres"])
def test_an_older_account(sort: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """The first start marks the account and gives it the unique name that accounts have now."""
    database = new_database(sort, request, tmp_path)
    fill(open_store(database.place, (OLD_ACCOUNT, *IAM_KINDS)))
    store = open_store(database.place, ALL_KINDS)
    keeper = open_keeper("ephemeral:", create=True)
    settings = Settings(data=tmp_path)
    try:
        assert first_account(store.snapshot()) == ID
        assert store.check() == [f"the name table lacks account/account email `{EMAIL.lower()}`"]
        account = bootstrap(store, keeper, settings, DAY, urandom)
        assert (account.id, account.alias, account.first, account.active) == (ID, "shop", True, True)
        assert store.check() == []
        store.close()
        store = open_store(database.place, ALL_KINDS)
        found = store.snapshot().by_name(ACCOUNT, "email", EMAIL.lower())
        assert found is not None
        assert found[2] == account
        twin = Account(id="111122223333", root_email=EMAIL.upper(), create_date=DAY)
        with pytest.raises(DuplicateNameError):
            store.submit(lambda transaction: transaction.put(ACCOUNT, twin.id, twin)).result()
    finally:
        store.close()
