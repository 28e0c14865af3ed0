"""Accounts and the organization that they are in, put into the store: no service makes them yet."""

from os import urandom
from typing import Any

from masugata.identity.identifiers import access_key_id, secret_access_key, unique_id
from masugata.records.account import Account
from masugata.records.iam import ACCESS_KEY
from masugata.records.organizations import ORGANIZATION, Organization
from masugata.server import Credentials, create_account, sealed_key
from masugata.store import Transaction
from support import ACCOUNT, House

MEMBER = "444455556666"
ID = "o-exampleorgid"


def open_account(house: House, account_id: str) -> Credentials:
    """A further account; the answer is the key of its administrator."""
    now = house.clock().replace(microsecond=0)
    key = Credentials(access_key_id("AKIA", account_id, urandom), secret_access_key(urandom))

    def create(transaction: Transaction) -> None:
        account = Account(id=account_id, root_email=f"{account_id}@example.com", create_date=now)
        admin = create_account(transaction, account, unique_id("AIDA", urandom))
        transaction.put(ACCESS_KEY, account_id, sealed_key(house.keeper, key, admin.id, now))

    house.store.submit(create).result()
    return key


def organize(house: House, *members: str, **fields: Any) -> None:
    """An organization of the house's account and these members, which trusts IAM unless told otherwise."""
    values = {"management_account": ACCOUNT, "trusted_services": ("iam.amazonaws.com",), **fields}
    record = Organization(id=ID, members=members, **values)
    owner = str(values["management_account"])
    house.store.submit(lambda transaction: transaction.put(ORGANIZATION, owner, record)).result()
