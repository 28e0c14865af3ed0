"""One read-only view of accounts for tools that ask what policies do, wherever the accounts come from.

A view holds the same records as a live installation, so whatever authorizes real calls answers the
questions of tools. AWS managed policies that an export brings along are records of the account `aws`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from masugata.authorization.accounts.details import (
    AccountExportError,
    AuthorizationDetails,
    document_text,
    read_details,
)
from masugata.authorization.accounts.reading import AccountExport, ExportReader, Row
from masugata.engines.policy import PolicyType
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import AWS_ACCOUNT, MANAGED_POLICY, USER, ManagedPolicy, User
from masugata.store import DuplicateNameError, InvalidRecordError, Records, Transaction, open_store

__all__ = [
    "AccountExport",
    "AccountExportError",
    "AccountView",
    "AuthorizationDetails",
    "read_details",
    "view_of_exports",
    "view_of_policies",
    "view_of_records",
]

_BEGINNING = datetime.fromtimestamp(0, UTC)


class AccountView(NamedTuple):
    """Accounts to be asked about: their records and ids; `notes` say what was assumed.

    `organizations` says that the records tell of each account which organization it is in, if any.
    """

    records: Records
    accounts: tuple[str, ...]
    notes: tuple[str, ...] = ()
    organizations: bool = False


def view_of_records(records: Records) -> AccountView:
    """The accounts of an installation as of these records, with the organizations that they are in."""
    accounts = tuple(account for account, _ in records.partitions(ACCOUNT))
    notes = tuple(
        f"nobody may do anything in the account {account}, which is {found.state}"
        for account in accounts
        if (found := records.get(ACCOUNT, account, account)) is not None and not found.active
    )
    return AccountView(records, accounts, notes, organizations=True)


def view_of_policies(documents: Iterable[tuple[str, str]], account: str = "111122223333") -> AccountView:
    """One account with one user, `policy-files`, who has nothing but these (name, document) policies.

    Raises `AccountExportError` for what is not a policy.
    """
    inline = {name: document_text(text, PolicyType.IDENTITY, name) for name, text in documents}
    user = User(name="policy-files", id="AIDAPOLICYFILES", create_date=_BEGINNING, inline_policies=inline)
    return _filled([(USER, account, user)], {account: "aws"}, ())


def view_of_exports(exports: Iterable[AccountExport], tree: Iterable[Row] = ()) -> AccountView:
    """The accounts of exports, each export being one whole account; raises `AccountExportError`.

    `tree` are the records of the organizations that they are in: with it, an account that is no member of any
    is in none. Without it nobody knows.

    An export that names a group or a customer managed policy without its content is refused, because
    what is missing may be a Deny. AWS managed policies that it lacks are those that ship with masugata.
    """
    rows: list[Row] = []
    partitions: dict[str, str] = {}
    notes: list[str] = []
    for export in exports:
        reader = ExportReader(export)
        rows += reader.rows()
        if reader.account is None:
            raise AccountExportError(f"{export.where}: has no user, group, role or policy of any account")
        if reader.account in partitions:
            raise AccountExportError(f"{export.where}: the account {reader.account} was exported before")
        if any(partition != reader.partition for partition in partitions.values()):
            raise AccountExportError(f"{export.where}: is of another partition than the exports before it")
        partitions[reader.account] = reader.partition
        notes += reader.notes
    known = list(tree)
    view = _filled([*_with_newest_aws_policies(rows), *known], partitions, tuple(notes))
    return view._replace(organizations=bool(known))


def _with_newest_aws_policies(rows: list[Row]) -> list[Row]:
    """Several exports may bring the same AWS managed policy along: the one last updated counts."""
    newest: dict[str, ManagedPolicy] = {}
    others: list[Row] = []
    for row in rows:
        _, account, record = row
        if account != AWS_ACCOUNT or not isinstance(record, ManagedPolicy):
            others.append(row)
        elif record.name not in newest or newest[record.name].default_version < record.default_version:
            newest[record.name] = record
    return [*others, *((MANAGED_POLICY, AWS_ACCOUNT, policy) for policy in newest.values())]


def _filled(rows: list[Row], partitions: dict[str, str], notes: tuple[str, ...]) -> AccountView:
    store = open_store(None, ALL_KINDS)

    def fill(transaction: Transaction) -> None:
        for account, partition in partitions.items():
            transaction.put(
                ACCOUNT,
                account,
                Account(id=account, partition=partition, root_email="", create_date=_BEGINNING),
            )
        for kind, account, record in rows:
            if transaction.get(kind, account, kind.key(record)) is not None:
                raise AccountExportError(f"account {account}: two of the {kind.name} `{kind.key(record)}`")
            transaction.put(kind, account, record)

    try:
        store.submit(fill).result()
    except (DuplicateNameError, InvalidRecordError) as error:
        raise AccountExportError(str(error)) from error
    return AccountView(store.snapshot(), tuple(sorted(partitions)), notes)
