"""An installation in the memory of a test: store, keeper, gateway, and the accounts that the test has."""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import msgspec

from masugata.gateway import ByService, Gateway
from masugata.identity.identifiers import unique_id
from masugata.keeper import open_keeper
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ROLE
from masugata.records.organizations import ACCESS_ROLE
from masugata.scheduler import DueRunner
from masugata.server import create_account
from masugata.settings import Settings
from masugata.store import Snapshot
from masugata.store.memory import MemoryStore
from masugata.testing.acting import ActingAuthenticator, ActingCredentials, RoleSession
from masugata.testing.clock import Clock
from masugata.testing.denials import RememberingAuthorizer
from masugata.testing.errors import NoSuchPrincipalError
from masugata.wire import HttpRequest, HttpResponse

_ACCOUNT_ID = re.compile(r"[0-9]{12}")


class _Opened(NamedTuple):
    """An account as it was made: a reset makes it again, with the same administrator."""

    record: Account
    administrator_id: str


class _Gateway(Gateway):
    """A gateway that does what is due before each request, as no thread does it meanwhile."""

    def dispatch(
        self, http: HttpRequest, by: ByService = None, newest: Callable[[], Snapshot] | None = None
    ) -> "Future[HttpResponse]":
        self.move_on()
        return super().dispatch(http, by, newest)

    def move_on(self) -> None:
        """Do what is due."""
        self._due.run(self.clock())

    @cached_property
    def _due(self) -> DueRunner:
        return DueRunner(self.store, self.random, self.limits, keeper=self.keeper)


class Installation:
    """Everything that a `masugata up --ephemeral` is, without the server around it.

    What takes time is done before a request that comes later, and when the clock is moved.
    """

    def __init__(self, clock: Clock, limits: Mapping[str, int] | None = None) -> None:
        self.store = MemoryStore(ALL_KINDS)
        keeper = open_keeper("ephemeral:", create=True)
        known = Settings(limits=limits or {}).limits  # which refuses names that are none
        self.gateway = _Gateway(self.store, keeper, clock=clock, random=os.urandom, limits=known)
        clock.when_moved(self.gateway.move_on)
        self.gateway.authenticator = self.acting = ActingAuthenticator(keeper, os.urandom)
        self.gateway.authorizer = self.denials = RememberingAuthorizer(keeper)
        self.clock = clock
        self._accounts: dict[str, _Opened] = {}
        self._lock = threading.Lock()

    def open_account(self, name: str) -> str:
        """The id of the account with this name, or id, made on first use; raises ValueError.

        An account that CreateAccount made is as it is, without a user `admin`.
        """
        self.gateway.move_on()  # or an account that was asked for might be made here in its place
        account_id = self._created(name) or account_id_of(name)
        email = f"{name}@example.com"
        with self._lock:
            opened = self._accounts.get(account_id)
            if opened is None:
                if self.store.snapshot().get(ACCOUNT, account_id, account_id) is not None:
                    return account_id
                record = Account(id=account_id, root_email=email, create_date=self._now(), name=name)
                self._create(_Opened(record, unique_id("AIDA", os.urandom)))
            elif opened.record.root_email != email and name != account_id:
                raise ValueError(f"`{name}` has the id of another account, {account_id}: choose another name")
        return account_id

    def _created(self, name: str) -> str | None:
        """The account of this name that CreateAccount made, if there is just one."""
        records = self.store.snapshot()
        found = [
            account.id
            for id_, _ in records.partitions(ACCOUNT)
            if id_ not in self._accounts
            for account in records.scan(ACCOUNT, id_)
            if account.name == name
        ]
        return found[0] if len(found) == 1 else None

    def administrator(self, account_id: str) -> ActingCredentials:
        """Credentials of the user `admin` that an account began with; raises `NoSuchPrincipalError`.

        In an account that CreateAccount made those of a session, for an hour, of the role for its management.
        """
        opened = self._accounts.get(account_id)
        if opened is None:
            records = self.store.snapshot()
            if records.get(ROLE, account_id, ACCESS_ROLE.lower()) is None:
                raise NoSuchPrincipalError(
                    f"account {account_id} has neither a user `admin` nor a role `{ACCESS_ROLE}`: say "
                    "root=True, or role= with another role"
                )
            return self.acting.as_role(ACCESS_ROLE, account_id, RoleSession(), self._now(), records)
        return self.acting.as_owner(account_id, opened.administrator_id, self._now())

    def reset(self) -> None:
        """Empty all accounts, as if they had just been made, and let the clock run with the machine's."""
        with self._lock:
            self.clock.reset()
            self.store.reset()
            for opened in list(self._accounts.values()):
                record = msgspec.structs.replace(opened.record, create_date=self._now())
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
