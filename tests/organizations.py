"""Accounts and the organization that they are in, put straight into the store."""

from datetime import datetime
from os import urandom
from typing import Any

import msgspec

from masugata.identity.identifiers import access_key_id, secret_access_key, unique_id
from masugata.records import organizations as records
from masugata.records.account import ACCOUNT as ACCOUNT_KIND
from masugata.records.account import Account
from masugata.records.iam import ACCESS_KEY
from masugata.records.organizations import ORGANIZATION, Member, Organization, organization_of
from masugata.server import Credentials, create_account, sealed_key
from masugata.services.organizations import _joining
from masugata.store import Transaction
from masugata.testing.aws import LocalAws
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


def close_account(house: House, account_id: str) -> None:
    """Make an account one that is closed, as CloseAccount does."""

    def close(transaction: Transaction) -> None:
        account = transaction.get(ACCOUNT_KIND, account_id, account_id)
        assert account is not None
        closed = msgspec.structs.replace(account, state="CLOSED", closed=house.clock())
        transaction.put(ACCOUNT_KIND, account_id, closed)

    house.store.submit(close).result()


def organize(house: House, *members: str, **fields: Any) -> None:
    """An organization of the house's account and these members, which trusts IAM unless told otherwise."""
    organization = organization_record(house.clock(), **fields)
    house.store.submit(lambda transaction: put_organization(transaction, organization, *members)).result()


def organization_record(now: datetime, **fields: Any) -> Organization:
    """The record of an organization that trusts IAM unless told otherwise.

    Trusted services and delegated administrators may be given without the times since when they are.
    """
    values: dict[str, Any] = {
        "trusted_services": ("iam.amazonaws.com",),
        "delegated_administrators": {},
    } | fields
    values["trusted_services"] = dict.fromkeys(values["trusted_services"], now)
    values["delegated_administrators"] = {
        service: dict.fromkeys(accounts, now)
        for service, accounts in values["delegated_administrators"].items()
    }
    defaults: dict[str, Any] = {
        "id": ID,
        "root_id": "r-exam",
        "create_date": now,
        "management_account": ACCOUNT,
    }
    return Organization(**(defaults | values))


def put_organization(transaction: Transaction, organization: Organization, *members: str) -> None:
    """Store an organization, its management account and these members in its root, in place of any other."""
    for management, _ in transaction.partitions(records.MEMBER):
        for known in list(transaction.scan(records.MEMBER, management)):
            transaction.delete(records.MEMBER, management, known.id)
    for management, _ in transaction.partitions(ORGANIZATION):
        for old in list(transaction.scan(ORGANIZATION, management)):
            transaction.delete(ORGANIZATION, management, old.id)
    transaction.put(ORGANIZATION, organization.management_account, organization)
    for account in (organization.management_account, *members):
        member = Member(
            id=account,
            organization=organization.id,
            parent=organization.root_id,
            joined=organization.create_date,
            joined_method="INVITED",
        )
        transaction.put(records.MEMBER, organization.management_account, member)


def join(aws: LocalAws, *accounts: str) -> None:
    """Put accounts, made if need be, into the root of the organization of a `local_aws`, unasked."""
    installation = aws._installation
    ids = [aws.account(account).id for account in accounts]

    def put(transaction: Transaction) -> None:
        organization = organization_of(transaction, aws.id)
        assert organization is not None
        for account in ids:
            _joining.join(transaction, organization, account, "INVITED", now=aws.clock(), random=urandom)

    installation.store.submit(put).result()
