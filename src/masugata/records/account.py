"""Records of accounts themselves: the account and its root user."""

from datetime import datetime

import msgspec

from masugata.records.kind import Kind


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One account; the root user is the account's own identity, not an IAM user.

    Sessions of the root user that were issued until `root_reset`, in seconds since the epoch, are over.
    """

    version: int = 1
    id: str
    partition: str = "aws"
    root_email: str
    create_date: datetime
    alias: str | None = None
    root_reset: int = 0


def _names(account: Account) -> list[tuple[str, str]]:
    """An alias is unique over all accounts, as in AWS."""
    return [("alias", account.alias)] if account.alias else []


ACCOUNT = Kind("account", "account", Account, key=lambda a: a.id, names=_names, references=lambda _: ())
