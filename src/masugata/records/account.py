"""Records of accounts themselves: the account and its root user."""

from datetime import datetime

import msgspec

from masugata.records.kind import Kind


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One account; the root user is the account's own identity, not an IAM user.

    Sessions of the root user that were issued until `root_reset`, in seconds since the epoch, are over.
    `state` is one of Organizations' AccountState: only who is of an ACTIVE account can sign. `closed` is
    when it was asked to be closed. `first` marks the account that the installation began with.
    """

    version: int = 1
    id: str
    partition: str = "aws"
    root_email: str
    create_date: datetime
    alias: str | None = None
    root_reset: int = 0
    name: str = ""
    state: str = "ACTIVE"
    closed: datetime | None = None
    first: bool = False

    @property
    def active(self) -> bool:
        """Whether anybody can be of this account: sign, sign in, or assume its roles."""
        return self.state == "ACTIVE"

    @property
    def shown_name(self) -> str:
        """The name by which Organizations shows it: its own, else the alias, else the id."""
        return self.name or self.alias or self.id


def _names(account: Account) -> list[tuple[str, str]]:
    """An alias is unique over all accounts, as in AWS, and so is an e-mail address in any case."""
    names = [("alias", account.alias)] if account.alias else []
    return [*names, ("email", account.root_email.lower())] if account.root_email else names


ACCOUNT = Kind("account", "account", Account, key=lambda a: a.id, names=_names, references=lambda _: ())
