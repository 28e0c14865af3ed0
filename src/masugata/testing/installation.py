"""An installation in the memory of a test: store, keeper, gateway, and the accounts that the test has."""

import hashlib
import os
import re
import threading
from datetime import datetime
from typing import NamedTuple

from masugata.gateway import Gateway
from masugata.identity.identifiers import unique_id
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import Account
from masugata.server import create_account
from masugata.store.memory import MemoryStore
from masugata.testing.acting import ActingAuthenticator, ActingCredentials
from masugata.testing.clock import Clock
from masugata.testing.denials import RememberingAuthorizer

_ACCOUNT_ID = re.compile(r"[0-9]{12}")


class _Opened(NamedTuple):
    """An account as it was made: a reset makes it again, with the same administrator."""

    record: Account
    administrator_id: str


class Installation:
    """Everything that a `masugata up --ephemeral` is, without the server around it."""

    def __init__(self, clock: Clock) -> None:
        self.store = MemoryStore(ALL_KINDS)
        keeper = open_keeper("ephemeral:", create=True)
        self.gateway = Gateway(self.store, keeper, clock=clock, random=os.urandom)
        self.gateway.authenticator = self.acting = ActingAuthenticator(keeper, os.urandom)
        self.gateway.authorizer = self.denials = RememberingAuthorizer(keeper)
        self.clock = clock
        self._accounts: dict[str, _Opened] = {}
        self._lock = threading.Lock()

    def open_account(self, name: str) -> str:
        """The id of the account with this name, or id, made on first use; raises ValueError."""
        account_id = account_id_of(name)
        email = f"{name}@example.com"
        with self._lock:
            opened = self._accounts.get(account_id)
            if opened is None:
                record = Account(id=account_id, root_email=email, create_date=self._now())
                self._create(_Opened(record, unique_id("AIDA", os.urandom)))
            elif opened.record.root_email != email and name != account_id:
                raise ValueError(f"`{name}` has the id of another account, {account_id}: choose another name")
        return account_id

    def administrator(self, account_id: str) -> ActingCredentials:
        """Credentials of the user `admin` that an account began with."""
        owner = self._accounts[account_id].administrator_id
        return self.acting.as_owner(account_id, owner, self._now())

    def reset(self) -> None:
        """Empty all accounts, as if they had just been made, and let the clock run with the machine's."""
        with self._lock:
            self.clock.reset()
            self.store.reset()
            for opened in list(self._accounts.values()):
                record = Account(
                    id=opened.record.id, root_email=opened.record.root_email, create_date=self._now()
                )
                self._create(_Opened(record, opened.administrator_id))

    def _create(self, opened: _Opened) -> None:
        self.store.submit(lambda tx: create_account(tx, opened.record, opened.administrator_id)).result()
        self._accounts[opened.record.id] = opened

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def account_id_of(name: str) -> str:
    """An account id as it is, or the id that a name always has: 12 digits of its SHA-256.

    Raises ValueError for a name that cannot be in an e-mail address.
    """
    if _ACCOUNT_ID.fullmatch(name):
        return name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", name):
        raise ValueError(
            f"`{name}` is not an account: give 12 digits, or a name of letters, digits, `.`, `_` and `-`"
        )
    return f"{int.from_bytes(hashlib.sha256(name.encode()).digest()) % 10**12:012d}"
