"""The account that an installation began with."""

from masugata.records.account import ACCOUNT
from masugata.store import Records


def first_account(records: Records) -> str | None:
    """The account that the first start made; None if there is none yet.

    It is marked so, for a clock may go back. In an installation that was last started by a program that did
    not mark it, it is the oldest.
    """
    accounts = [record for id_, _ in records.partitions(ACCOUNT) for record in records.scan(ACCOUNT, id_)]
    first = [account for account in accounts if account.first] or accounts
    return min(first, key=lambda account: (account.create_date, account.id)).id if first else None
